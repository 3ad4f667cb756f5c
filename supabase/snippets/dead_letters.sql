-- Work that was given up, the newest first.
select job_id, kind, dead_at, attempts, last_error, shoot_id, request_id from ops.dead_letters order by dead_at desc;
