-- What waits, the longest first.
select kind, due, running, later, oldest_due_at, most_attempts from ops.oldest_jobs order by oldest_due_at nulls last;
