-- What was done by hand lately, by whom, and why.
select at, who, action, subject, reason, outcome from ops.actions order by at desc limit 50;
