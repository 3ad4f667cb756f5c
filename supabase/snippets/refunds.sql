-- Money that went back, by reason and how it ended.
select month, kind, asked_by, status, currency, refunds, amount / 100.0 as amount, portraits
from ops.refunds order by month desc, amount desc;
