-- What is on one side only, and when each kind of books was last compared.
select * from ops.differences where outcome = 'open' order by found_at;
select kind, outcome, count(*), max(seen_at) as last_seen from ops.differences group by kind, outcome order by kind;
select * from ops.turns order by keeper;
