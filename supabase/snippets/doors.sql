-- Whether anybody is served, what is altered or missing, and what was done by hand.
select * from ops.doors;
select * from ops.integrity where outcome = 'open';
select * from ops.actions order by at desc limit 50;
