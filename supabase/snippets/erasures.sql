-- Erasures against their 30 days, the most pressing first.
select * from ops.erasures where active_erased_at is null order by due_at;
