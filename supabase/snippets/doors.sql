-- Whether anybody is served, and since when.
select are_open, beat_at, held_at, closed_at, restored_at, opened_at from ops.doors;
