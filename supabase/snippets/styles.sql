-- Which styles fail, which do not look like their person, and which are circled.
select * from ops.styles order by greatest(share_failed, share_returned) desc, asked desc;
