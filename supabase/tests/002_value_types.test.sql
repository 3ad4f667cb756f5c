begin;
set local search_path = extensions, tests, public;
select no_plan();

select enum_has_labels('public', 'shoot_status',
	array['draft', 'paid', 'training', 'generating', 'ready', 'failed', 'refunded'], 'the statuses of a shoot');
select enum_has_labels('public', 'consent_purpose', array['adult', 'terms', 'photo_processing', 'private_model'],
	'one consent per purpose');
select enum_has_labels('public', 'credit_entry_kind',
	array['grant', 'hold', 'capture', 'release', 'refund', 'restore', 'return', 'lapse', 'chargeback', 'adjustment'], 'the kinds of ledger entries');

select lives_ok($$select repeat('0f', 32)::public.sha256$$, 'a hash is 64 hex digits');
select throws_ok($$select repeat('0F', 32)::public.sha256$$, '23514', null, 'in lower case');
select throws_ok($$select 'abc'::public.sha256$$, '23514', null, 'and whole');
select lives_ok($$select 'usd'::public.currency_code$$, 'a currency is three small letters');
select throws_ok($$select 'USD'::public.currency_code$$, '23514', null, 'not capitals');

select * from finish();
rollback;
