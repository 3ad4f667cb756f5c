-- What is on one side only, and yours to look at.
select kind, subject, found_at, seen_at, times from ops.differences where outcome = 'open' order by found_at;
