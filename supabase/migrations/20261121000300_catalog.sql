-- What is for sale, and the looks to choose from. Read by everybody, written by migrations alone; which
-- offers are for sale, by the profile (chapter privacy_registry).

create table public.packs (
	id text primary key,
	name text not null,
	description text not null,
	position integer not null constraint packs_position_is_unique unique
);
comment on table public.packs is 'A named set of styles.';

alter table public.packs enable row level security;
grant select on public.packs to anon, authenticated;
create policy packs_select_all on public.packs for select to anon, authenticated using (true);

create table public.styles (
	id text primary key,
	pack_id text not null references public.packs (id),
	name text not null,
	description text not null,
	backdrop text not null,
	outfit text not null,
	light text not null,
	prompt_template text not null
		constraint styles_prompt_names_the_trigger_once
			check (length(prompt_template) - length(replace(prompt_template, '{trigger}', '')) = 9),
	picture text not null,
	position integer not null constraint styles_position_is_unique unique,
	is_active boolean not null default true
);
comment on table public.styles is 'One look: backdrop, outfit and light, and the prompt made of them.';
comment on column public.styles.prompt_template is '{trigger} stands for the trigger phrase of the lora.';
comment on column public.styles.picture is 'Path under /pictures/styles/.';
create index styles_pack_id on public.styles (pack_id);

alter table public.styles enable row level security;
grant select (id, pack_id, name, description, backdrop, outfit, light, picture, position, is_active)
	on public.styles to anon, authenticated;
create policy styles_select_all on public.styles for select to anon, authenticated using (true);

create table public.offers (
	id text primary key,
	kind public.offer_kind not null default 'pack',
	name text not null,
	description text not null,
	amount integer not null constraint offers_amount_is_positive check (amount > 0),
	currency public.currency_code not null,
	headshot_count integer not null
		constraint offers_headshot_count_is_in_bounds check (headshot_count between 1 and 1000),
	style_limit integer not null
		constraint offers_style_limit_is_in_bounds check (style_limit between 1 and headshot_count),
	roll_over_limit integer,
	position integer not null constraint offers_position_is_unique unique,
	is_active boolean not null default true,
	constraint offers_of_plans_state_what_rolls_over
		check ((kind = 'plan') = (roll_over_limit is not null) and coalesce(roll_over_limit, 0) >= 0)
);
comment on table public.offers is 'What can be bought for one price: a pack once, or a plan every month.';
comment on column public.offers.headshot_count is 'Of a plan: for each month.';
comment on column public.offers.roll_over_limit is 'How many unused headshots of a plan stay when the next month''s come.';
comment on column public.offers.amount is 'Minor units (cents), before discounts.';

alter table public.offers enable row level security;
grant select on public.offers to anon, authenticated;
create policy offers_select_all on public.offers for select to anon, authenticated using (true);

insert into public.offers (id, name, description, amount, currency, headshot_count, style_limit, position)
values
	('essential', 'Essential', '20 portraits in 2 styles.', 2900, 'usd', 20, 2, 1),
	('signature', 'Signature', '60 portraits in 6 styles.', 4900, 'usd', 60, 6, 2),
	('complete', 'Complete', '120 portraits in 12 styles.', 7900, 'usd', 120, 12, 3);

-- A price at Stripe has the id of its plan as its lookup key, and the amount that stands here.
insert into public.offers
	(id, kind, name, description, amount, currency, headshot_count, style_limit, roll_over_limit, position)
values
	('monthly', 'plan', 'Monthly', '20 portraits a month. What you do not use stays for another month, up to 20.',
		1500, 'usd', 20, 6, 20, 11),
	('monthly_plus', 'plan', 'Monthly plus', '60 portraits a month. What you do not use stays for another month, up to 60.',
		3500, 'usd', 60, 12, 60, 12);

insert into public.packs (id, name, description, position)
values
	('studio', 'Studio', 'Plain backdrops and controlled light: the classic portrait, made to be cropped.', 1),
	('workplace', 'Workplace', 'Rooms where work is done, kept soft behind you.', 2),
	('outdoors', 'Outdoors', 'Daylight and open air, from a city street to the edge of a wood.', 3);

insert into public.styles
	(id, pack_id, name, description, backdrop, outfit, light, prompt_template, picture, position)
select
	id, pack_id, name, description, backdrop, outfit, light,
	'{trigger}, professional headshot photograph, head and shoulders, wearing ' || outfit || ', '
		|| backdrop || ', ' || light
		|| ', natural skin texture, relaxed expression, looking into the camera, sharp eyes, 85mm lens',
	id || '.webp',
	position
from (values
	('slate', 'studio', 'Slate', 'Dark grey, quiet and formal.',
		'a plain slate grey studio backdrop', 'a charcoal suit jacket over a white shirt',
		'soft key light from the left with a gentle shadow side', 1),
	('paper', 'studio', 'Paper white', 'White and even, for pages with a white ground.',
		'a seamless paper white studio backdrop', 'a plain navy crew neck sweater',
		'even bright light from both sides', 2),
	('linen', 'studio', 'Linen', 'Warm beige, friendly and unhurried.',
		'a warm linen beige studio backdrop', 'a cream knit over a light shirt',
		'large warm window light from the right', 3),
	('ink', 'studio', 'Ink', 'Near black with one light, for a strong face.',
		'a near black studio backdrop', 'a black turtleneck',
		'a single dramatic side light with a narrow rim light', 4),
	('glass-office', 'workplace', 'Glass office', 'A bright office behind glass.',
		'a blurred bright office with glass walls', 'a light blue shirt and a dark blazer',
		'clean daylight from large windows', 5),
	('library', 'workplace', 'Library', 'Shelves of books and a reading lamp.',
		'blurred wooden library shelves', 'a brown tweed jacket over a knitted vest',
		'warm lamp light mixed with window light', 6),
	('workshop', 'workplace', 'Workshop', 'Brick, wood and tools, out of focus.',
		'a blurred workshop with a brick wall and wooden benches', 'a dark denim overshirt',
		'soft light from a skylight', 7),
	('clinic', 'workplace', 'Clinic', 'Pale, clean and calm.',
		'a blurred pale clinic corridor', 'a white coat over a pale blue shirt',
		'cool even ceiling light', 8),
	('city-street', 'outdoors', 'City street', 'A street in the late afternoon.',
		'a blurred city street with stone facades', 'a camel wool coat over a dark sweater',
		'low golden afternoon light', 9),
	('park', 'outdoors', 'Park', 'Leaves in the shade, green and soft.',
		'blurred green trees in a park', 'an olive field jacket over a white t-shirt',
		'open shade with soft light from above', 10),
	('coast', 'outdoors', 'Coast', 'Sea and an overcast sky.',
		'a blurred grey sea under an overcast sky', 'a navy fisherman sweater',
		'bright diffuse light from a cloudy sky', 11),
	('terrace', 'outdoors', 'Terrace', 'A roof terrace at dusk with city lights.',
		'a roof terrace at dusk with blurred city lights', 'a burgundy shirt and a grey blazer',
		'blue dusk light with a warm lamp from the side', 12)
) as seed (id, pack_id, name, description, backdrop, outfit, light, position);
