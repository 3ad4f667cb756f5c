-- How long things stay. The periods are private.retention_rules, and nowhere else; here is what they count
-- from, and the sweep that takes what is due: marked in batches, its files removed and seen to be gone by
-- delete_objects jobs, its rows last.

-- Photos.

create function private.photo_end(p_shoot public.shoots, p_since timestamptz)
returns timestamptz
language sql
stable
set search_path = ''
as $$
	select case
		when p_shoot.photo_retention = 'after_training' and model.made_at is not null then model.made_at
		-- What was added after the first portrait has not been part of it.
		when p_shoot.first_portrait_at >= p_since and p_shoot.photo_retention <> 'after_training'
			then p_shoot.first_portrait_at + least(p_shoot.photo_retention::text::interval, rule.period)
		else p_since + rule.period
	end
	from (select private.kept_for('photos') as period) as rule,
		(select max(created_at) as made_at from public.loras where shoot_id = p_shoot.id and created_at >= p_since) as model
$$;
comment on function private.photo_end is
	'When a photo of this shoot that came at p_since vanishes: the rule''s period after the upload while there is no portrait; then the person''s choice.';

-- Runs as its owner: the client may not write keep_until.
create function private.start_photo_time()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	new.keep_until := private.photo_end((select s from public.shoots s where s.id = new.shoot_id), new.created_at);
	return new;
end $$;

-- Named to run after photos_are_accepted, which refuses a shoot that is not there.
create trigger photos_get_their_time
	before insert on public.photos
	for each row execute function private.start_photo_time();

create function private.follow_photo_retention()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots;
begin
	select * into v_shoot from public.shoots
	where id = case tg_table_name when 'shoots' then (to_jsonb(new) ->> 'id')::uuid else (to_jsonb(new) ->> 'shoot_id')::uuid end;
	update public.photos set keep_until = private.photo_end(v_shoot, created_at)
	where shoot_id = v_shoot.id and deleted_at is null;
	return null;
end $$;

create trigger shoots_time_their_photos
	after update of photo_retention, first_portrait_at on public.shoots
	for each row when (
		new.photo_retention <> old.photo_retention or new.first_portrait_at is distinct from old.first_portrait_at)
	execute function private.follow_photo_retention();
create trigger loras_time_the_photos
	after insert on public.loras
	for each row execute function private.follow_photo_retention();

create function private.note_first_portrait()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	update public.shoots set first_portrait_at = new.created_at
	where id = new.shoot_id and first_portrait_at is null;
	return null;
end $$;

create trigger headshots_start_the_time
	after insert on public.headshots
	for each row execute function private.note_first_portrait();

-- Models.

create function private.time_lora()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'UPDATE' and new.extensions <> old.extensions then
		if new.extensions <> old.extensions + 1 or new.extensions > 4 then
			perform private.refuse(409, 'not_now', 'This model cannot be kept any longer without being used.',
				'Make a portrait with it, and its time begins anew.');
		end if;
	elsif tg_op = 'UPDATE' and new.last_used_at <> old.last_used_at then
		new.extensions := 0;
	end if;
	new.keep_until := new.last_used_at + private.kept_for('loras') + new.extensions * interval '7 days';
	return new;
end $$;

create trigger loras_are_timed
	before insert or update of last_used_at, extensions on public.loras
	for each row execute function private.time_lora();

create function private.delete_lora_files()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.enqueue_deletion('loras', array_agg(new_rows.storage_key order by new_rows.storage_key))
	from old_rows
	join new_rows on new_rows.id = old_rows.id
	where old_rows.deleted_at is null and new_rows.deleted_at is not null;
	-- Forgotten there long ago as a rule; what was not is asked for again.
	perform private.forget(r.request_id)
	from old_rows
	join new_rows on new_rows.id = old_rows.id
	join private.provider_requests r on r.training_id = new_rows.training_id and r.forgotten_at is null
	where old_rows.deleted_at is null and new_rows.deleted_at is not null;
	return null;
end $$;

create trigger loras_take_their_files_along
	after update on public.loras
	referencing old table as old_rows new table as new_rows
	for each statement execute function private.delete_lora_files();

-- What is due.

create table private.deletions (
	id bigint generated always as identity primary key,
	bucket text not null,
	objects integer not null,
	seen_gone_at timestamptz not null
);
comment on table private.deletions is
	'Evidence without a name: so many files were deleted through the Storage API, asked for again, and not there.';

create function service.objects_gone(p_bucket text, p_keys text[], as_of timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	if p_bucket = 'photos' then
		delete from public.photos where storage_key = any (p_keys) and deleted_at is not null;
	elsif p_bucket = 'headshots' then
		delete from public.headshots where storage_key = any (p_keys) and deleted_at is not null;
	end if;
	insert into private.deletions (bucket, objects, seen_gone_at) values (p_bucket, cardinality(p_keys), as_of);
end $$;
comment on function service.objects_gone is
	'After files were deleted and seen to be gone: notes it, and deletes the rows marked deleted. A model''s row stays.';
grant execute on function service.objects_gone to service_role;

create function service.expire_due(p_limit integer, as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_photos uuid[];
	v_loras uuid[];
	v_taken integer;
	v_more integer;
begin
	-- Locked first, and looked at again by a second statement, which sees what was committed before the lock:
	-- a training that began a moment ago keeps its photos.
	select array_agg(id) into v_photos from (
		select p.id from public.photos p
		where p.deleted_at is null and p.keep_until <= as_of
			and not exists (
				select from public.trainings t where t.shoot_id = p.shoot_id and t.status in ('queued', 'running'))
			and not exists (
				select from public.generations g
				where g.shoot_id = p.shoot_id and g.engine = 'instant' and g.finished_at is null)
			and not exists (
				select from public.profiles o where o.owner_id = p.owner_id and o.restricted_at is not null)
		order by p.keep_until
		limit p_limit
		for update of p skip locked
	) as due;
	update public.photos p set deleted_at = as_of
	where p.id = any (v_photos) and p.keep_until <= as_of
		and not exists (
			select from public.trainings t where t.shoot_id = p.shoot_id and t.status in ('queued', 'running'))
		and not exists (
			select from public.generations g
			where g.shoot_id = p.shoot_id and g.engine = 'instant' and g.finished_at is null);
	get diagnostics v_taken = row_count;

	select array_agg(id) into v_loras from (
		select l.id from public.loras l
		where l.deleted_at is null and l.keep_until <= as_of
			and not exists (
				select from public.generations g where g.lora_id = l.id and g.status in ('queued', 'running'))
			and not exists (
				select from public.profiles o where o.owner_id = l.owner_id and o.restricted_at is not null)
		order by l.keep_until
		limit p_limit
		for update of l skip locked
	) as due;
	update public.loras l set deleted_at = as_of
	where l.id = any (v_loras) and l.keep_until <= as_of
		and not exists (
			select from public.generations g where g.lora_id = l.id and g.status in ('queued', 'running'));
	get diagnostics v_more = row_count;
	return v_taken + v_more;
end $$;
comment on function service.expire_due is
	'Marks up to p_limit photos and as many models whose time has come, and enqueues the deletion of their files. Nothing that is being learned from or drawn with, nothing of a person who has asked for storage only. Answers how many; two at once take different ones.';
grant execute on function service.expire_due to service_role;

create function private.announce_endings(as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- Once for each clock a shoot's photos have: after the upload, and after the first portrait.
	perform private.write_mail(owner_id, format('photos_leaving:%s:%s', shoot_id, clock), 'photos_leaving',
		jsonb_build_object('shoot_id', shoot_id, 'count', number, 'leave_at', leave_at))
	from (
		select p.owner_id, p.shoot_id, count(*) as number, min(p.keep_until) as leave_at,
			case when s.first_portrait_at is null then 'waiting' else 'made' end as clock
		from public.photos p
		join public.shoots s on s.id = p.shoot_id
		join public.profiles o on o.owner_id = p.owner_id and o.restricted_at is null
		where p.deleted_at is null and p.uploaded_at is not null
			and p.keep_until > as_of and p.keep_until <= as_of + interval '3 days'
			and (s.first_portrait_at is null or s.photo_retention in ('P7D', 'P30D'))
		group by p.owner_id, p.shoot_id, clock
	) as leaving;
	perform private.write_mail(owner_id, format('model_leaving:%s:%s', id, keep_until::date), 'model_leaving',
		jsonb_build_object('shoot_id', shoot_id, 'leave_at', keep_until, 'extensions_left', 4 - extensions))
	from public.loras l
	where deleted_at is null and keep_until > as_of and keep_until <= as_of + interval '3 days'
		and exists (select from public.profiles o where o.owner_id = l.owner_id and o.restricted_at is null);
end $$;
comment on function private.announce_endings is
	'A mail three days before photos or a model vanish, once each; none for a choice shorter than that.';

create function private.prune(as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	delete from private.webhook_events where handled_at < as_of - private.kept_for('webhook_events');
	delete from private.reconciliation_differences
	where outcome is not null and seen_at < as_of - private.kept_for('webhook_events');
	delete from private.jobs where dead_at < as_of - private.kept_for('jobs');
	-- As long as the provider's own log of them.
	delete from private.instant_calls where sent_at < as_of - private.log_period();
	delete from private.mails where sent_at < as_of - private.kept_for('mails');
	delete from private.deletions where seen_gone_at < as_of - private.kept_for('receipts');
	delete from auth.sessions
	where coalesce(refreshed_at, updated_at, created_at) < as_of - private.kept_for('sessions');
	delete from private.exports where created_at < as_of - private.kept_for('access_log');
	delete from public.access_log where at < as_of - private.kept_for('access_log');
	delete from public.sign_in_attempts where at < as_of - private.kept_for('security_log');
	delete from private.rate_tokens where last_taken_at < as_of - private.kept_for('security_log');
	perform private.prune_requests(as_of);
	delete from public.orders
	where status in ('pending', 'expired', 'failed') and paid_at is null
		and created_at < as_of - private.kept_for('unpaid_orders');
end $$;
comment on function private.prune is 'Removes machine rows, and what only ever was an intention, at the end of their periods.';

-- What a person can say to stop.

create function private.require_unrestricted(p_owner_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
	if exists (select from public.profiles where owner_id = p_owner_id and restricted_at is not null) then
		perform private.refuse(409, 'not_now', 'You have switched the use of your data off.',
			'Switch it on again under Account, Privacy, if you want to go on.');
	end if;
end $$;
comment on function private.require_unrestricted is 'Refuses (409) new work while a person allows storage only.';

create function private.stop_work(p_owner_id uuid, as_of timestamptz, p_engine public.engine default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- All shoots before the first balance: who works on the next one holds it while waiting for that.
	perform from public.shoots where owner_id = p_owner_id order by id for no key update;
	perform service.fail_training(id, 'not_permitted', as_of)
	from (
		select id from public.trainings
		where owner_id = p_owner_id and status in ('queued', 'running') and engine = coalesce(p_engine, engine)
		order by shoot_id, id
	) as open;
	perform service.fail_generation(id, 'not_permitted', false, as_of)
	from (
		select id from public.generations
		where owner_id = p_owner_id and status in ('queued', 'running') and engine = coalesce(p_engine, engine)
		order by shoot_id, id
	) as open;
end $$;
comment on function private.stop_work is
	'Ends what is open for a person, of both engines or one: its credits go back, the provider is told to stop and to forget.';

-- Runs as its owner: what follows is not the client's to write.
create function private.follow_withdrawal()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- Portraits that are made from the photos alone go on without a private model.
	perform private.stop_work(new.owner_id, now(), case new.purpose when 'private_model' then 'studio'::public.engine end);
	case new.purpose
		when 'private_model' then
			update public.loras set deleted_at = now() where owner_id = new.owner_id and deleted_at is null;
		when 'photo_processing' then
			update public.photos set deleted_at = now() where owner_id = new.owner_id and deleted_at is null;
		else null;
	end case;
	return null;
end $$;
comment on function private.follow_withdrawal is
	'With a consent goes what it allowed: open work, the model, the photos. The record of it stays.';

-- Not when a newer wording takes an older one's place: that happens inside another trigger.
create trigger consent_records_are_followed
	after update of withdrawn_at on public.consent_records
	for each row when (pg_trigger_depth() = 0 and old.withdrawn_at is null)
	execute function private.follow_withdrawal();

create function private.time_restriction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	if new.restricted_at is not null then new.restricted_at := coalesce(old.restricted_at, now()); end if;
	return new;
end $$;

create trigger profiles_time_their_restriction
	before update of restricted_at on public.profiles
	for each row execute function private.time_restriction();

create function private.follow_restriction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.stop_work(new.owner_id, now());
	return null;
end $$;

create trigger profiles_are_restricted
	after update of restricted_at on public.profiles
	for each row when (old.restricted_at is null and new.restricted_at is not null)
	execute function private.follow_restriction();
