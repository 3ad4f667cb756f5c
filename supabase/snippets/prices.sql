-- What others charge us, in cents: correct them in private.provider_prices.
select what, cents, noted_on, source from ops.prices order by what;
