begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna');
select paid('anna');
select results_eq($$select email, name, template, sent, key like 'order_paid:%' from service.mail_to_send((select id from private.mails))$$,
	$$values ('anna@example.com', 'Anna', 'order_paid', false, true)$$, 'a mail has the address of its person');
select results_eq('select open_jobs()', $$values ('send_mail')$$, 'and its job');
select private.write_mail(owner_id, key, template, '{}') from private.mails;
select is((select count(*) from private.mails), 1::bigint, 'the same reason writes one mail');
update auth.users set email = 'new@example.com' where id = md5('anna')::uuid;
select is((select email from service.mail_to_send((select id from private.mails))), 'new@example.com', 'it goes to the address as it is now');
select act_as_role('service_role');
select throws_ok($$select service.mail_to_send(gen_random_uuid())$$, 'PT404', 'There is no such mail.', 'what was erased is not sent');
reset role;
select service.record_mail_sent(id, now()), service.record_mail_sent(id, now() + interval '1 hour') from private.mails;
select is(sent_at, now(), 'sent is sent once') from private.mails;
select ok((select sent from service.mail_to_send((select id from private.mails))), 'and says so');
select throws_ok($$select private.write_mail(md5('anna')::uuid, 'k', 'newsletter', '{}')$$, '23514', null, 'there is no template for advertising');

select act_as('anna');
select throws_ok($$select from private.mails$$, '42501', 'permission denied for schema private', 'no person reaches the mails');
select act_as_role('anon');
select throws_ok($$select service.mail_to_send(gen_random_uuid())$$, '42501', 'permission denied for schema service', 'nor anon');
reset role;
delete from auth.users where id = md5('anna')::uuid;
select is_empty($$select from private.mails$$, 'with the account its mails go');

select * from finish();
rollback;
