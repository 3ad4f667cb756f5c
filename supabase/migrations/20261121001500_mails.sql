-- Mails: few, written in the transaction that gives the reason for them, each sent once.

create table private.mails (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	key text not null constraint mails_key_is_unique unique,
	template text not null
		constraint mails_are_about_the_service_only
			check (template in ('portraits_ready', 'training_failed', 'order_paid', 'order_refunded',
				'refund_failed', 'promotion_used', 'plan_paid', 'plan_payment_failed', 'plan_ended', 'dispute_opened',
				'photos_leaving', 'model_leaving', 'file_lost',
				'takedown_confirm', 'request_received', 'request_closed', 'export_made')),
	data jsonb not null,
	created_at timestamptz not null default now(),
	sent_at timestamptz
);
comment on table private.mails is 'What is said to a person by mail. The address is read when it is sent. No template is for advertising.';
create index mails_owner_id on private.mails (owner_id);

create function private.write_mail(p_owner_id uuid, p_key text, p_template text, p_data jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_mail_id uuid;
begin
	insert into private.mails (owner_id, key, template, data)
	values (p_owner_id, p_key, p_template, p_data)
	on conflict (key) do nothing
	returning id into v_mail_id;
	if found then perform private.enqueue('send_mail', 'mail_id', v_mail_id::text); end if;
end $$;

create function service.mail_to_send(p_mail_id uuid)
returns table (email text, name text, template text, data jsonb, key text, sent boolean)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	perform private.require_processor('resend');
	return query
		select coalesce(p.email, r.email), p.name, m.template, m.data, m.key, m.sent_at is not null
		from private.mails m
		left join public.profiles p on p.owner_id = m.owner_id
		left join private.subject_requests r on r.id = m.request_id
		where m.id = p_mail_id and coalesce(p.email, r.email) is not null;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such mail.', 'Its account may have been erased.');
	end if;
end $$;
comment on function service.mail_to_send is 'A mail with the address as it is now. Refuses (404) what was erased, and (503) while the company that delivers is off.';
grant execute on function service.mail_to_send to service_role;

create function service.record_mail_sent(p_mail_id uuid, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	update private.mails set sent_at = as_of where id = p_mail_id and sent_at is null
$$;
grant execute on function service.record_mail_sent to service_role;
