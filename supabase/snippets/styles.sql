-- Which styles fail, which do not look like their person, and which are circled.
select style_id, asked, delivered, flagged, failed, second_tries, favourites, returned, share_failed, share_returned
from ops.styles order by greatest(share_failed, share_returned) desc, asked desc;
