-- What came in, what it cost and what is left, by month and offer; and why credits went back.
select month, offer_id, count(*) as orders, sum(charged) / 100.0 as charged, sum(refunded) / 100.0 as refunded,
	round(sum(cost) / 100, 2) as cost, round(sum(margin) / 100, 2) as margin
from ops.margins group by month, offer_id order by month desc, offer_id;
select * from ops.refunds order by month desc, amount desc;
select * from ops.credits_back order by month desc, credits desc;
select * from private.provider_prices;
