-- What was on one side only, and what became of it.
select kind, outcome, count(*), max(seen_at) as last_seen from ops.differences group by kind, outcome order by kind, outcome;
