-- Portraits that are not the bytes that were delivered, and files that are gone.
select headshot_id, kind, outcome, found_at from ops.integrity order by found_at desc;
