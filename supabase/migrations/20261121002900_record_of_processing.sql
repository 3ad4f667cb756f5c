-- The record of processing, where the data is: every column of every table about people says what it is for.
-- The purposes are the closed list of domain/privacy/purposes.ts. A new column is added here after somebody
-- has asked: is it needed, for which of these, and when does it go? A test finds the ones that were not.

do $$
declare
	v_row record;
	v_column text;
	v_said text;
begin
	for v_row in
		select * from (values
			('public.profiles', 'account', 'owner_id name email created_at'),
			('public.profiles', 'rights', 'blocked_at restricted_at'),
			('public.consent_records', 'rights', 'id owner_id purpose version granted_at withdrawn_at'),
			('public.policy_notices', 'rights', 'owner_id version seen_at'),
			('public.shoots', 'portraits', 'id owner_id offer_id engine name status failure created_at status_changed_at portraits_planned first_portrait_at headshots_wanted'),
			('public.shoots', 'rights', 'photo_retention'),
			('public.shoot_styles', 'portraits', 'shoot_id style_id owner_id'),
			('public.photos', 'portraits', 'id owner_id shoot_id storage_key file_name content_type bytes sha256 width height created_at uploaded_at sealed_at'),
			('public.photos', 'rights', 'deleted_at keep_until'),
			('private.upload_urls', 'portraits', 'storage_key owner_id shoot_id ends_at'),
			('public.trainings', 'portraits', 'id owner_id shoot_id engine hold_id status trigger_phrase request_id progress_percent queue_position failure created_at submitted_at heard_at finished_at'),
			('public.loras', 'portraits', 'id owner_id shoot_id training_id storage_key bytes sha256 base_family trigger_phrase created_at last_used_at'),
			('public.loras', 'rights', 'extensions keep_until deleted_at'),
			('public.generations', 'portraits', 'id owner_id shoot_id style_id engine edit original_id lora_id hold_id status attempt seed prompt width height request_id failure created_at submitted_at finished_at'),
			('public.headshots', 'portraits', 'id owner_id shoot_id style_id generation_id edit original_id storage_key thumbnail_key content_type width height bytes thumbnail_bytes sha256 thumbnail_sha256 is_favorite created_at'),
			('public.headshots', 'rights', 'deleted_at'),
			('public.provenance_marks', 'rights', 'sha256 marked_at'),
			('private.provider_requests', 'portraits', 'provider request_id endpoint status_url response_url cancel_url owner_id shoot_id training_id generation_id submitted_at asked_by'),
			('private.provider_requests', 'rights', 'forgotten_at evidence'),
			('public.orders', 'payment', 'id owner_id shoot_id offer_id amount currency status stripe_checkout_session_id stripe_payment_intent_id stripe_invoice_id charged refunded checkout_version created_at opened_at paid_at next_check_at subscription_id stripe_subscription_item_id period_start period_end'),
			('public.subscriptions', 'payment', 'id owner_id offer_id status stripe_subscription_id stripe_checkout_session_id checkout_version current_period_start current_period_end is_ending payment_failed_at created_at opened_at judged_at heard_at ended_at next_check_at'),
			('public.refunds', 'payment', 'id owner_id order_id kind amount currency portraits reason status asked_by stripe_refund_id created_at settled_at'),
			('public.disputes', 'payment', 'stripe_dispute_id owner_id order_id stripe_payment_intent_id status amount currency is_taken takings opened_at heard_at closed_at'),
			('public.returns', 'portraits', 'headshot_id owner_id shoot_id style_id created_at'),
			('private.plan_credits', 'payment', 'owner_id left_over used_before'),
			('private.promotion_uses', 'payment', 'owner_id stripe_promotion_code_id stripe_checkout_session_id used_at'),
			('private.payment_refund_parts', 'payment', 'stripe_refund_id stripe_payment_intent_id amount status refund_id'),
			('private.instant_calls', 'portraits', 'generation_id attempt owner_id shoot_id provider model sent_at answered_at outcome busy_until'),
			('public.credit_balances', 'payment', 'owner_id unit available held'),
			('public.credit_entries', 'payment', 'id owner_id unit kind available held order_id hold_id generation_id key reason created_at'),
			('public.credit_holds', 'payment', 'id owner_id shoot_id unit amount captured released key created_at'),
			('private.stripe_customers', 'payment', 'owner_id stripe_customer_id noted_at'),
			('private.payment_refunds', 'payment', 'stripe_payment_intent_id refunded amount currency recorded_at'),
			('private.payment_records', 'payment', 'id payer_ref offer_id amount charged refunded currency paid_at stripe_payment_intent_id stripe_invoice_id unpaid_session_id keep_until'),
			('private.mails', 'account', 'id owner_id request_id key template data created_at sent_at'),
			('private.jobs', 'portraits', 'id key kind payload generation_id priority run_at attempts max_attempts revision claimed_revision lease_token leased_until claimed_at created_at dead_at last_error request_id'),
			('private.webhook_events', 'portraits', 'source external_id type payload job_key received_at handled_at last_error'),
			('private.reconciliation_differences', 'portraits', 'kind subject outcome found_at seen_at times'),
			('public.access_log', 'security', 'id owner_id at reader what shoot_id items'),
			('public.sign_in_attempts', 'security', 'id kind at email address email_hash network'),
			('private.rate_tokens', 'security', 'kind subject taken last_taken_at'),
			('private.subject_requests', 'rights', 'id kind channel owner_id email details token received_at confirmed_at acknowledged_at due_at closed_at outcome'),
			('private.exports', 'rights', 'id owner_id created_at expires_at taken_at'),
			('public.takedowns', 'rights', 'id email details address'),
			('public.takedown_confirmations', 'rights', 'token'),
			('private.erasures', 'rights', 'id scope origin owner_id shoot_id address deleted requested_at due_at alarmed_at active_erased_at backups_gone_at finished_at'),
			('private.erasure_steps', 'rights', 'erasure_id kind state plan attempts last_error evidence done_at'),
			('private.erasure_receipts', 'rights', 'erasure_id stage jws issued_at'),
			('private.tombstones', 'rights', 'kind hash erased_at'),
			('private.deletions', 'rights', 'id bucket objects seen_gone_at')
		) as record (holder, purpose, columns)
	loop
		foreach v_column in array string_to_array(v_row.columns, ' ') loop
			v_said := (
				select col_description(attrelid, attnum) from pg_catalog.pg_attribute
				where attrelid = v_row.holder::regclass and attname = v_column);
			execute format('comment on column %s.%I is %L', v_row.holder, v_column,
				concat_ws(' ', format('[%s]', v_row.purpose), v_said));
		end loop;
	end loop;
end $$;
