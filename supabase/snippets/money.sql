-- What came in, what it cost and what is left, by month and offer.
select month, offer_id, count(*) as orders, sum(charged) / 100.0 as charged, sum(refunded) / 100.0 as refunded,
	round(sum(cost) / 100, 2) as cost, round(sum(margin) / 100, 2) as margin
from ops.margins group by month, offer_id order by month desc, offer_id;
