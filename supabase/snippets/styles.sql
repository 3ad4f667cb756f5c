-- Which styles fail, and which are circled.
select * from ops.styles order by share_failed desc, asked desc;
