-- The closed lists of words, and values with a form of their own. domain/*.ts mirrors them, held equal by tests.

create type public.engine as enum ('studio', 'instant');
comment on type public.engine is
	'Who makes a portrait. studio: a private model, trained of the person. instant: the photos themselves, shown along with the request; no model is made.';

create type public.edit_kind as enum ('backdrop', 'outfit', 'wider', 'glare', 'hair');
comment on type public.edit_kind is 'What can be changed of a portrait that is there: a closed list, because no words of a person reach a model.';

create type public.consent_purpose as enum ('adult', 'terms', 'photo_processing', 'private_model');

create type public.shoot_status as enum
	('draft', 'paid', 'training', 'generating', 'ready', 'failed', 'refunded');

create type public.order_status as enum
	('pending', 'paid', 'expired', 'failed', 'mismatched', 'refunded');

create type public.offer_kind as enum ('pack', 'plan');

create type public.subscription_status as enum
	('pending', 'expired', 'refused', 'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled');
comment on type public.subscription_status is
	'The first three are ours: the page is open, it was not used, or what was paid with it was given back. The others are Stripe''s.';

create type public.credit_unit as enum ('training', 'headshot');

create type public.credit_entry_kind as enum
	('grant', 'hold', 'capture', 'release', 'refund', 'restore', 'return', 'lapse', 'chargeback', 'adjustment');

create type public.work_status as enum ('queued', 'running', 'succeeded', 'failed', 'cancelled');
comment on type public.work_status is 'Of a training or a generation; a provider''s own words stay in its adapter.';

create type public.photo_retention as enum ('after_training', 'PT24H', 'P7D', 'P30D');
comment on type public.photo_retention is
	'How long photos stay once they have done their work: until the model exists, or this long after the first portrait.';

create domain public.sha256 as text
	constraint sha256_is_lower_case_hex check (value ~ '^[0-9a-f]{64}$');

-- ISO 4217, lower case, as Stripe writes it.
create domain public.currency_code as text
	constraint currency_code_is_three_small_letters check (value ~ '^[a-z]{3}$');
