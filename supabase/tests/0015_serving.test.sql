begin;
set local search_path = extensions, tests, public;
select no_plan();

select ok(private.is_serving(), 'a new database serves');
select is(service.beat(), 'open', 'a beat says so');
select isnt((select cluster from private.serving), null, 'and notes what this database is');
select ok(private.is_serving(), 'and goes on');
select person('anna'); select consent('anna');

update private.serving set cluster = '1/1/1', file = 'base/1/1';
select ok(not private.is_serving(), 'another cluster, and the doors are closed');
select act_as('anna');
select throws_ok('select * from public.profiles', 'PT503', 'We are closed for a moment.', 'nobody reads what is theirs');
select throws_ok($$insert into public.shoots (offer_id, name) values ('essential', 'Late')$$, 'PT503', null, 'or begins anything');
reset role;
select throws_ok($$select ring('fal', 'r1', 'collect_training', 'collect_training:1')$$,
	'PT503', null, 'no doorbell is heard: it rings again');
select ok(ring('stripe', 'evt_1', 'settle_checkout', 'settle_checkout:cs_1', '{"session_id": "cs_1"}', p_is_listed => true), 'what is read off a list is noted');
select private.enqueue('send_mail', 'mail_id', gen_random_uuid()::text);
select results_eq('select kind from service.claim_jobs(10, 60, 10)', $$values ('settle_checkout')$$, 'of the work only money is settled');
select is(service.beat(), 'set_back', 'a beat does not open');
select results_eq($$select detail from service.alarms() where kind = 'doors_closed'$$,
	array['set back: tombstones are awaited'], 'and somebody is told what is awaited');
select isnt((select restored_at from private.serving), null, 'but notes that it was set back');
select is(service.open_doors(), 1, 'with money unsettled they stay closed');
select ok(not private.is_serving(), 'closed');
delete from private.jobs where kind = 'settle_checkout';
select throws_ok('select service.open_doors()', 'PT409', 'Who was erased since has not been erased again.', 'nor before the tombstones were replayed');
select is(service.replay_tombstones('[]'), 0, 'of whom there are none');
select is(service.beat(), 'replayed', 'a beat knows it');
select service.take_turn('losses', 900), service.leave_turn('losses', 'photos somewhere');
select is(service.open_doors(), 0, 'then they open');
select is(service.turn_position('losses'), '', 'files that are gone since are looked for from the beginning');
select isnt(service.take_turn('losses', 900), null, 'and at once');
select ok(private.is_serving(), 'and everybody is served');
select is(service.beat(), 'open', 'from here on');

update private.serving set beat_at = now() - interval '7 hours';
select ok(not private.is_serving(), 'one that stood still for hours does not serve at once');
select is(service.beat(), 'replayed', 'but knows itself who was erased');
select is(service.open_doors(), 0, 'and opens when the payments are settled');
create temporary table dump as select * from private.serving;
-- Another transaction than that of the beat: as far as a row can tell inside of one.
savepoint another;
delete from private.serving; insert into private.serving select * from dump;
select ok(not private.is_serving(), 'an older dump in the same database is found by who wrote its row');
select service.beat(); select service.replay_tombstones('[]'); select service.open_doors();
select ok(private.is_serving(), 'and after the drill it serves');
update private.serving set held_at = now();
select ok(not private.is_serving(), 'they can be closed by hand');
select is(service.beat(), 'held', 'and stay so at every beat');
select service.begin_drill();
select is(service.beat(), 'set_back', 'until somebody rings for the drill');
select service.replay_tombstones('[]');
select is(service.open_doors(), 0, 'which opens them');

select set_config('request.headers', '{"x-request-id": "11111111-1111-4111-8111-111111111111"}', true);
select private.enqueue('forget_request', 'request_id', 'r2');
select is((select request_id from private.jobs where key = 'forget_request:r2'), '11111111-1111-4111-8111-111111111111', 'a job knows the request that it comes from');
select set_config('request.headers', '{"x-request-id": "a name"}', true);
select is(private.request_id(), null, 'what is no number of ours is none');

select * from finish();
rollback;
