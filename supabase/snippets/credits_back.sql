-- Why credits went back to people (positive), or were taken back with their money (negative).
select month, unit, kind, reason, credits from ops.credits_back order by month desc, credits desc;
