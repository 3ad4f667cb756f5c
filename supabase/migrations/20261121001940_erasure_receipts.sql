-- Erasure receipts: our signed word on an erasure, in two stages, and never before the evidence;
--   and the sweep, which gives up on no erasure and says when one is late.

create table private.erasure_receipts (
	erasure_id uuid not null references private.erasures (id) on delete cascade,
	stage text not null constraint erasure_receipts_stage_is_known check (stage in ('active_erased', 'final')),
	jws text not null,
	issued_at timestamptz not null,
	primary key (erasure_id, stage)
);
comment on table private.erasure_receipts is 'Signed once and never changed: whoever reads one twice reads the same bytes.';

create function private.guard_receipt()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	if tg_op = 'UPDATE' then
		raise exception using errcode = '42501', message = 'A receipt is never changed.';
	end if;
	select * into v_erasure from private.erasures where id = coalesce(new.erasure_id, old.erasure_id);
	if tg_op = 'DELETE' then
		if v_erasure.id is null then return old; end if;
		raise exception using errcode = '42501', message = 'A receipt goes only with its erasure.';
	end if;
	if exists (select from private.erasure_steps where erasure_id = new.erasure_id and state <> 'done')
		or not exists (select from private.erasure_steps where erasure_id = new.erasure_id) then
		raise exception using errcode = '23514', message = 'No receipt while a step lacks evidence.';
	end if;
	if new.stage = 'final' and coalesce(v_erasure.backups_gone_at > new.issued_at, true) then
		raise exception using errcode = '23514', message = 'No final receipt while a backup may hold something.';
	end if;
	return new;
end $$;
create trigger erasure_receipts_are_guarded
	before insert or update or delete on private.erasure_receipts
	for each row execute function private.guard_receipt();

create function private.receipts_of(p_erasure_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('stage', stage, 'jws', jws, 'issuedAt', issued_at) order by issued_at), '[]')
	from private.erasure_receipts where erasure_id = p_erasure_id
$$;

create function service.read_erasure(p_erasure_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such erasure.',
			'Check the address; receipts are kept for three years.');
	end if;
	return jsonb_build_object(
		'scope', v_erasure.scope, 'requestedAt', v_erasure.requested_at, 'dueAt', v_erasure.due_at,
		'activeErasedAt', v_erasure.active_erased_at, 'backupsGoneAt', v_erasure.backups_gone_at,
		'finishedAt', v_erasure.finished_at, 'isMailed', v_erasure.address is null,
		'steps', (
			select jsonb_agg(jsonb_build_object('kind', kind, 'doneAt', done_at, 'attempts', attempts) order by kind)
			from private.erasure_steps where erasure_id = p_erasure_id),
		'receipts', private.receipts_of(p_erasure_id));
end $$;
comment on function service.read_erasure is 'For whoever has the id: how far it is, and the receipts. Nothing about the person.';
grant execute on function service.read_erasure to service_role;

create function service.issue_receipt(
	p_erasure_id uuid, p_stage text, p_jws text, p_backups_gone_at timestamptz, as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_jws text;
begin
	perform from private.erasures where id = p_erasure_id for update;
	select jws into v_jws from private.erasure_receipts where erasure_id = p_erasure_id and stage = p_stage;
	if found then return v_jws; end if;
	insert into private.erasure_receipts (erasure_id, stage, jws, issued_at)
	values (p_erasure_id, p_stage, p_jws, as_of);
	if p_stage = 'active_erased' then
		update private.erasures
		set active_erased_at = as_of, backups_gone_at = p_backups_gone_at, owner_id = null, shoot_id = null
		where id = p_erasure_id;
		perform service.enqueue_job('erase:' || p_erasure_id, 'erase',
			jsonb_build_object('erasure_id', p_erasure_id), p_backups_gone_at);
	else
		update private.erasures set finished_at = as_of where id = p_erasure_id;
	end if;
	return p_jws;
end $$;
comment on function service.issue_receipt is
	'Keeps the receipt of a stage and answers it; a second one is not kept, the first is answered. Refused by the table while a step lacks evidence.';
grant execute on function service.issue_receipt to service_role;

create function service.record_receipt_mailed(p_erasure_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.erasures set address = null where id = p_erasure_id and active_erased_at is not null
$$;
comment on function service.record_receipt_mailed is 'The mail is accepted: the address, the last thing we had, is forgotten.';
grant execute on function service.record_receipt_mailed to service_role;

create function service.sweep_erasures(as_of timestamptz default now())
returns table (erasure_id uuid, days_left integer, open_steps text[])
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- Lost or given up: it is never given up.
	perform service.enqueue_job('erase:' || e.id, 'erase', jsonb_build_object('erasure_id', e.id), as_of)
	from private.erasures e
	where e.finished_at is null and (e.active_erased_at is null or e.address is not null or e.backups_gone_at <= as_of)
		and not exists (
			select from private.jobs j
			where j.key = 'erase:' || e.id and j.dead_at is null);
	delete from private.payment_records where keep_until <= as_of;
	delete from private.erasures where finished_at <= as_of - interval '3 years';
	return query
		with late as (
			update private.erasures e set alarmed_at = as_of
			where e.active_erased_at is null
				and as_of >= e.requested_at + (e.due_at - e.requested_at) / 2
				and (e.alarmed_at is null or e.alarmed_at <= as_of - interval '1 day')
			returning e.id, e.due_at
		)
		select l.id, floor(extract(epoch from l.due_at - as_of) / 86400)::integer, (
			select array_agg(s.kind order by s.kind) from private.erasure_steps s
			where s.erasure_id = l.id and s.state = 'open')
		from late l;
end $$;
comment on function service.sweep_erasures is
	'Takes up again what was lost, prunes what has been kept long enough, and answers the erasures that are late: once a day from half of their time on.';
grant execute on function service.sweep_erasures to service_role;
