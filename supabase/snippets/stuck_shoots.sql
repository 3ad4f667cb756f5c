-- Shoots that have been in the making for more than two hours.
select shoot_id, status, since, trainings_open, portraits_open, portraits_made, last_error from ops.stuck_shoots order by since;
