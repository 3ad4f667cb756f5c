begin;
set local search_path = extensions, tests, public;
select no_plan();

select results_eq(
	$$select id, headshot_count, style_limit, amount, currency::text from public.offers where kind = 'pack' order by position$$,
	$$values ('essential', 20, 2, 2900, 'usd'), ('signature', 60, 6, 4900, 'usd'), ('complete', 120, 12, 7900, 'usd')$$,
	'three packs are for sale');
select is((select count(*) from public.styles where is_active), 12::bigint, 'twelve styles');
select is((select count(distinct pack_id) from public.styles), 3::bigint, 'in three packs');
select is_empty($$select id from public.styles where prompt_template not like '%' || backdrop || '%'
	or prompt_template not like '%' || outfit || '%' or prompt_template not like '%' || light || '%'$$,
	'a prompt says what its style says');
select throws_ok($$update public.styles set prompt_template = 'a portrait' where id = 'slate'$$, '23514', null,
	'a prompt without the trigger is refused');
select throws_ok($$update public.offers set amount = 0 where id = 'essential'$$, '23514', null, 'nothing is for free');

-- Anonymous and signed in alike: read, and no more.
select person('anna');
select act_as_role('anon');
select is((select count(*) from public.offers), 5::bigint, 'anybody sees the offers');
select is((select count(*) from public.packs), 3::bigint, 'and the packs');
select is((select count(name) from public.styles), 12::bigint, 'and the styles');
select throws_ok($$select prompt_template from public.styles$$, '42501', 'permission denied for table styles',
	'but not how their prompts are made');
select throws_ok($$update public.offers set amount = 1$$, '42501', 'permission denied for table offers', 'prices are not theirs to change');
reset role;
select act_as('anna');
select is((select count(*) from public.offers), 5::bigint, 'a signed-in person sees the offers');
select throws_ok($$select prompt_template from public.styles$$, '42501', 'permission denied for table styles', 'and no prompt either');
select throws_ok($$insert into public.offers values ('mine', 'pack', 'Mine', '', 1, 'usd', 1000, 1, null, 9)$$, '42501',
	'permission denied for table offers', 'and makes no offer of their own');
select throws_ok($$delete from public.styles$$, '42501', 'permission denied for table styles', 'and deletes no style');
reset role;
select is((select sum(amount) from public.offers), 20700::bigint, 'after all this the prices are what they were');

select * from finish();
rollback;
