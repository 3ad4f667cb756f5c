-- Erasures against their 30 days, the most pressing first.
select erasure_id, scope, origin, requested_at, due_at, days_left, open_steps, attempts, last_error
from ops.erasures where active_erased_at is null order by due_at;
