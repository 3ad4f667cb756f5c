begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'); select consent('anna');
select set_config('tests.shoot', paid('anna')::text, true);

-- Files without a row.
select is(service.note_strays('photos', '{a/b/c.jpg}'), 0, 'a file of nobody is noted at first sight');
select unalike((select subject from private.reconciliation_differences), '%a/b/c.jpg%', 'by a hash, not by its key');
select is(service.note_strays('photos', '{a/b/c.jpg}', now() + interval '10 minutes'), 0, 'and not touched soon after');
select is(service.note_strays('photos', '{a/b/c.jpg}', now() + interval '2 hours'), 1, 'at second sight it is deleted');
select is((select payload -> 'keys' ->> 0 from private.jobs where kind = 'delete_objects'), 'a/b/c.jpg', 'by the job that deletes files');
select is(service.note_strays('photos', '{a/b/c.jpg}', now() + interval '3 hours'), 0, 'once');
select is(service.note_strays('tombstones', '{account/x.json}', now() + interval '9 hours'), 0, 'a tombstone is nobody''s to delete');

-- A row without its file.
insert into public.photos (owner_id, shoot_id, file_name, content_type, bytes, sha256, width, height)
values (person('anna'), current_setting('tests.shoot')::uuid, 'me.jpg', 'image/jpeg', 10, repeat('a', 64), 640, 640);
select set_config('tests.key', (select storage_key from public.photos), true);
select ok(private.names_file('photos', current_setting('tests.key')), 'a row names its file before it is there');
select is(service.files_to_look_for('', 10, now() + interval '2 days'), '[]', 'what is being uploaded is not looked for');
alter table public.photos disable trigger user;
update public.photos set uploaded_at = now();
alter table public.photos enable trigger user;
select is(service.files_to_look_for('', 10), '[]', 'nor what has just arrived');
select is(service.files_to_look_for('', 10, now() + interval '61 minutes') -> 0 ->> 'key', current_setting('tests.key'), 'an hour later it is');
select is(service.files_to_look_for('photos ' || current_setting('tests.key'), 10, now() + interval '2 days'), '[]', 'from the position on');
select is(service.settle_loss('photos', current_setting('tests.key')), 'taken out', 'a photo that is gone is taken out');
select is(service.settle_loss('photos', current_setting('tests.key')), 'settled_before', 'once');
select results_eq($$select template from private.mails where template = 'file_lost'$$, $$values ('file_lost')$$, 'and the person is told');
select results_eq($$select outcome from private.reconciliation_differences where kind = 'file_missing'$$, $$values ('taken out')$$, 'with a row for the operator');

select act_as('anna');
select throws_ok('select service.settle_loss(''photos'', ''x'')', '42501', 'permission denied for schema service', 'no person settles losses');
reset role;

select * from finish();
rollback;
