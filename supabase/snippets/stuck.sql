-- What is stuck: shoots, dead work, and what waits longest.
select * from ops.stuck_shoots order by since;
select * from ops.dead_letters order by dead_at desc;
select * from ops.oldest_jobs order by oldest_due_at nulls last;
