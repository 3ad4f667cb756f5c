export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
	public: {
		Tables: {
			access_log: {
				Row: {
					at: string;
					id: string;
					items: number;
					owner_id: string;
					reader: string;
					shoot_id: string | null;
					what: string;
				};
				ComputedFields: never;
				Insert: {
					at?: string;
					id?: string;
					items?: number;
					owner_id?: string;
					reader?: string;
					shoot_id?: string | null;
					what: string;
				};
				Update: {
					at?: string;
					id?: string;
					items?: number;
					owner_id?: string;
					reader?: string;
					shoot_id?: string | null;
					what?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'access_log_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'access_log_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
				];
			};
			consent_records: {
				Row: {
					granted_at: string;
					id: string;
					owner_id: string;
					purpose: Database['public']['Enums']['consent_purpose'];
					version: string;
					withdrawn_at: string | null;
				};
				ComputedFields: never;
				Insert: {
					granted_at?: string;
					id?: string;
					owner_id?: string;
					purpose: Database['public']['Enums']['consent_purpose'];
					version: string;
					withdrawn_at?: string | null;
				};
				Update: {
					granted_at?: string;
					id?: string;
					owner_id?: string;
					purpose?: Database['public']['Enums']['consent_purpose'];
					version?: string;
					withdrawn_at?: string | null;
				};
				Relationships: [
					{
						foreignKeyName: 'consent_records_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'consent_records_purpose_version_fkey';
						columns: ['purpose', 'version'];
						isOneToOne: false;
						referencedRelation: 'consent_wordings';
						referencedColumns: ['purpose', 'version'];
					},
				];
			};
			consent_wordings: {
				Row: {
					published_at: string;
					purpose: Database['public']['Enums']['consent_purpose'];
					version: string;
					wording: string;
				};
				ComputedFields: never;
				Insert: {
					published_at: string;
					purpose: Database['public']['Enums']['consent_purpose'];
					version: string;
					wording: string;
				};
				Update: {
					published_at?: string;
					purpose?: Database['public']['Enums']['consent_purpose'];
					version?: string;
					wording?: string;
				};
				Relationships: [];
			};
			credit_balances: {
				Row: {
					available: number;
					held: number;
					owner_id: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				ComputedFields: never;
				Insert: {
					available?: number;
					held?: number;
					owner_id: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				Update: {
					available?: number;
					held?: number;
					owner_id?: string;
					unit?: Database['public']['Enums']['credit_unit'];
				};
				Relationships: [
					{
						foreignKeyName: 'credit_balances_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			credit_entries: {
				Row: {
					available: number;
					created_at: string;
					generation_id: string | null;
					held: number;
					hold_id: string | null;
					id: string;
					key: string;
					kind: Database['public']['Enums']['credit_entry_kind'];
					order_id: string | null;
					owner_id: string;
					reason: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				ComputedFields: never;
				Insert: {
					available: number;
					created_at?: string;
					generation_id?: string | null;
					held: number;
					hold_id?: string | null;
					id?: string;
					key: string;
					kind: Database['public']['Enums']['credit_entry_kind'];
					order_id?: string | null;
					owner_id: string;
					reason: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				Update: {
					available?: number;
					created_at?: string;
					generation_id?: string | null;
					held?: number;
					hold_id?: string | null;
					id?: string;
					key?: string;
					kind?: Database['public']['Enums']['credit_entry_kind'];
					order_id?: string | null;
					owner_id?: string;
					reason?: string;
					unit?: Database['public']['Enums']['credit_unit'];
				};
				Relationships: [
					{
						foreignKeyName: 'credit_entries_order_id_fkey';
						columns: ['order_id'];
						isOneToOne: false;
						referencedRelation: 'orders';
						referencedColumns: ['id'];
					},
				];
			};
			credit_holds: {
				Row: {
					amount: number;
					captured: number;
					created_at: string;
					id: string;
					key: string;
					owner_id: string;
					released: number;
					shoot_id: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				ComputedFields: never;
				Insert: {
					amount: number;
					captured?: number;
					created_at?: string;
					id?: string;
					key: string;
					owner_id: string;
					released?: number;
					shoot_id: string;
					unit: Database['public']['Enums']['credit_unit'];
				};
				Update: {
					amount?: number;
					captured?: number;
					created_at?: string;
					id?: string;
					key?: string;
					owner_id?: string;
					released?: number;
					shoot_id?: string;
					unit?: Database['public']['Enums']['credit_unit'];
				};
				Relationships: [];
			};
			disputes: {
				Row: {
					amount: number;
					closed_at: string | null;
					currency: string;
					heard_at: string;
					is_taken: boolean;
					opened_at: string;
					order_id: string | null;
					owner_id: string | null;
					status: string;
					stripe_dispute_id: string;
					stripe_payment_intent_id: string;
					takings: number;
				};
				ComputedFields: never;
				Insert: {
					amount: number;
					closed_at?: string | null;
					currency: string;
					heard_at: string;
					is_taken?: boolean;
					opened_at?: string;
					order_id?: string | null;
					owner_id?: string | null;
					status: string;
					stripe_dispute_id: string;
					stripe_payment_intent_id: string;
					takings?: number;
				};
				Update: {
					amount?: number;
					closed_at?: string | null;
					currency?: string;
					heard_at?: string;
					is_taken?: boolean;
					opened_at?: string;
					order_id?: string | null;
					owner_id?: string | null;
					status?: string;
					stripe_dispute_id?: string;
					stripe_payment_intent_id?: string;
					takings?: number;
				};
				Relationships: [
					{
						foreignKeyName: 'disputes_order_id_fkey';
						columns: ['order_id'];
						isOneToOne: false;
						referencedRelation: 'orders';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'disputes_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			generations: {
				Row: {
					attempt: number;
					created_at: string;
					edit: Database['public']['Enums']['edit_kind'] | null;
					engine: Database['public']['Enums']['engine'];
					failure: string | null;
					finished_at: string | null;
					height: number;
					hold_id: string;
					id: string;
					lora_id: string | null;
					original_id: string | null;
					owner_id: string;
					prompt: string;
					request_id: string | null;
					seed: number;
					shoot_id: string;
					status: Database['public']['Enums']['work_status'];
					style_id: string;
					submitted_at: string | null;
					width: number;
				};
				ComputedFields: never;
				Insert: {
					attempt?: number;
					created_at?: string;
					edit?: Database['public']['Enums']['edit_kind'] | null;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					finished_at?: string | null;
					height?: number;
					hold_id: string;
					id?: string;
					lora_id?: string | null;
					original_id?: string | null;
					owner_id: string;
					prompt: string;
					request_id?: string | null;
					seed: number;
					shoot_id: string;
					status?: Database['public']['Enums']['work_status'];
					style_id: string;
					submitted_at?: string | null;
					width?: number;
				};
				Update: {
					attempt?: number;
					created_at?: string;
					edit?: Database['public']['Enums']['edit_kind'] | null;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					finished_at?: string | null;
					height?: number;
					hold_id?: string;
					id?: string;
					lora_id?: string | null;
					original_id?: string | null;
					owner_id?: string;
					prompt?: string;
					request_id?: string | null;
					seed?: number;
					shoot_id?: string;
					status?: Database['public']['Enums']['work_status'];
					style_id?: string;
					submitted_at?: string | null;
					width?: number;
				};
				Relationships: [
					{
						foreignKeyName: 'generations_hold_id_fkey';
						columns: ['hold_id'];
						isOneToOne: false;
						referencedRelation: 'credit_holds';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'generations_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'generations_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'generations_style_id_fkey';
						columns: ['style_id'];
						isOneToOne: false;
						referencedRelation: 'styles';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'generations_use_a_model_of_their_own_shoot';
						columns: ['lora_id', 'owner_id', 'shoot_id'];
						isOneToOne: false;
						referencedRelation: 'loras';
						referencedColumns: ['id', 'owner_id', 'shoot_id'];
					},
				];
			};
			headshots: {
				Row: {
					bytes: number;
					content_type: string;
					created_at: string;
					deleted_at: string | null;
					edit: Database['public']['Enums']['edit_kind'] | null;
					generation_id: string;
					height: number;
					id: string;
					is_favorite: boolean;
					original_id: string | null;
					owner_id: string;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					style_id: string;
					thumbnail_bytes: number;
					thumbnail_key: string;
					thumbnail_sha256: string;
					width: number;
				};
				ComputedFields: never;
				Insert: {
					bytes: number;
					content_type?: string;
					created_at?: string;
					deleted_at?: string | null;
					edit?: Database['public']['Enums']['edit_kind'] | null;
					generation_id: string;
					height: number;
					id?: string;
					is_favorite?: boolean;
					original_id?: string | null;
					owner_id: string;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					style_id: string;
					thumbnail_bytes: number;
					thumbnail_key: string;
					thumbnail_sha256: string;
					width: number;
				};
				Update: {
					bytes?: number;
					content_type?: string;
					created_at?: string;
					deleted_at?: string | null;
					edit?: Database['public']['Enums']['edit_kind'] | null;
					generation_id?: string;
					height?: number;
					id?: string;
					is_favorite?: boolean;
					original_id?: string | null;
					owner_id?: string;
					sha256?: string;
					shoot_id?: string;
					storage_key?: string;
					style_id?: string;
					thumbnail_bytes?: number;
					thumbnail_key?: string;
					thumbnail_sha256?: string;
					width?: number;
				};
				Relationships: [
					{
						foreignKeyName: 'headshots_generation_id_fkey';
						columns: ['generation_id'];
						isOneToOne: true;
						referencedRelation: 'generations';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'headshots_original_id_fkey';
						columns: ['original_id'];
						isOneToOne: false;
						referencedRelation: 'headshots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'headshots_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'headshots_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'headshots_style_id_fkey';
						columns: ['style_id'];
						isOneToOne: false;
						referencedRelation: 'styles';
						referencedColumns: ['id'];
					},
				];
			};
			loras: {
				Row: {
					base_family: string;
					bytes: number;
					created_at: string;
					deleted_at: string | null;
					extensions: number;
					id: string;
					keep_until: string;
					last_used_at: string;
					owner_id: string;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					training_id: string;
					trigger_phrase: string;
				};
				ComputedFields: never;
				Insert: {
					base_family?: string;
					bytes: number;
					created_at?: string;
					deleted_at?: string | null;
					extensions?: number;
					id?: string;
					keep_until?: string;
					last_used_at?: string;
					owner_id: string;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					training_id: string;
					trigger_phrase: string;
				};
				Update: {
					base_family?: string;
					bytes?: number;
					created_at?: string;
					deleted_at?: string | null;
					extensions?: number;
					id?: string;
					keep_until?: string;
					last_used_at?: string;
					owner_id?: string;
					sha256?: string;
					shoot_id?: string;
					storage_key?: string;
					training_id?: string;
					trigger_phrase?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'loras_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'loras_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'loras_training_id_fkey';
						columns: ['training_id'];
						isOneToOne: true;
						referencedRelation: 'trainings';
						referencedColumns: ['id'];
					},
				];
			};
			offers: {
				Row: {
					amount: number;
					currency: string;
					description: string;
					headshot_count: number;
					id: string;
					is_active: boolean;
					kind: Database['public']['Enums']['offer_kind'];
					name: string;
					position: number;
					roll_over_limit: number | null;
					style_limit: number;
				};
				ComputedFields: never;
				Insert: {
					amount: number;
					currency: string;
					description: string;
					headshot_count: number;
					id: string;
					is_active?: boolean;
					kind?: Database['public']['Enums']['offer_kind'];
					name: string;
					position: number;
					roll_over_limit?: number | null;
					style_limit: number;
				};
				Update: {
					amount?: number;
					currency?: string;
					description?: string;
					headshot_count?: number;
					id?: string;
					is_active?: boolean;
					kind?: Database['public']['Enums']['offer_kind'];
					name?: string;
					position?: number;
					roll_over_limit?: number | null;
					style_limit?: number;
				};
				Relationships: [];
			};
			orders: {
				Row: {
					amount: number;
					charged: number | null;
					checkout_version: number;
					created_at: string;
					currency: string;
					id: string;
					next_check_at: string | null;
					offer_id: string;
					opened_at: string;
					owner_id: string | null;
					paid_at: string | null;
					period_end: string | null;
					period_start: string | null;
					refunded: number;
					shoot_id: string | null;
					status: Database['public']['Enums']['order_status'];
					stripe_checkout_session_id: string | null;
					stripe_invoice_id: string | null;
					stripe_payment_intent_id: string | null;
					stripe_subscription_item_id: string | null;
					subscription_id: string | null;
				};
				ComputedFields: never;
				Insert: {
					amount: number;
					charged?: number | null;
					checkout_version?: number;
					created_at?: string;
					currency: string;
					id?: string;
					next_check_at?: string | null;
					offer_id: string;
					opened_at?: string;
					owner_id?: string | null;
					paid_at?: string | null;
					period_end?: string | null;
					period_start?: string | null;
					refunded?: number;
					shoot_id?: string | null;
					status?: Database['public']['Enums']['order_status'];
					stripe_checkout_session_id?: string | null;
					stripe_invoice_id?: string | null;
					stripe_payment_intent_id?: string | null;
					stripe_subscription_item_id?: string | null;
					subscription_id?: string | null;
				};
				Update: {
					amount?: number;
					charged?: number | null;
					checkout_version?: number;
					created_at?: string;
					currency?: string;
					id?: string;
					next_check_at?: string | null;
					offer_id?: string;
					opened_at?: string;
					owner_id?: string | null;
					paid_at?: string | null;
					period_end?: string | null;
					period_start?: string | null;
					refunded?: number;
					shoot_id?: string | null;
					status?: Database['public']['Enums']['order_status'];
					stripe_checkout_session_id?: string | null;
					stripe_invoice_id?: string | null;
					stripe_payment_intent_id?: string | null;
					stripe_subscription_item_id?: string | null;
					subscription_id?: string | null;
				};
				Relationships: [
					{
						foreignKeyName: 'orders_offer_id_fkey';
						columns: ['offer_id'];
						isOneToOne: false;
						referencedRelation: 'offers';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'orders_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'orders_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'orders_subscription_id_fkey';
						columns: ['subscription_id'];
						isOneToOne: false;
						referencedRelation: 'subscriptions';
						referencedColumns: ['id'];
					},
				];
			};
			packs: {
				Row: {
					description: string;
					id: string;
					name: string;
					position: number;
				};
				ComputedFields: never;
				Insert: {
					description: string;
					id: string;
					name: string;
					position: number;
				};
				Update: {
					description?: string;
					id?: string;
					name?: string;
					position?: number;
				};
				Relationships: [];
			};
			photos: {
				Row: {
					bytes: number;
					content_type: string;
					created_at: string;
					deleted_at: string | null;
					file_name: string | null;
					height: number;
					id: string;
					keep_until: string;
					owner_id: string;
					sealed_at: string | null;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					uploaded_at: string | null;
					width: number;
				};
				ComputedFields: never;
				Insert: {
					bytes: number;
					content_type: string;
					created_at?: string;
					deleted_at?: string | null;
					file_name?: string | null;
					height: number;
					id?: string;
					keep_until?: string;
					owner_id?: string;
					sealed_at?: string | null;
					sha256: string;
					shoot_id: string;
					storage_key?: string;
					uploaded_at?: string | null;
					width: number;
				};
				Update: {
					bytes?: number;
					content_type?: string;
					created_at?: string;
					deleted_at?: string | null;
					file_name?: string | null;
					height?: number;
					id?: string;
					keep_until?: string;
					owner_id?: string;
					sealed_at?: string | null;
					sha256?: string;
					shoot_id?: string;
					storage_key?: string;
					uploaded_at?: string | null;
					width?: number;
				};
				Relationships: [
					{
						foreignKeyName: 'photos_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'photos_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
				];
			};
			policy_notices: {
				Row: {
					owner_id: string;
					seen_at: string;
					version: string;
				};
				ComputedFields: never;
				Insert: {
					owner_id?: string;
					seen_at?: string;
					version: string;
				};
				Update: {
					owner_id?: string;
					seen_at?: string;
					version?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'policy_notices_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			profiles: {
				Row: {
					blocked_at: string | null;
					created_at: string;
					email: string;
					name: string | null;
					owner_id: string;
					restricted_at: string | null;
				};
				ComputedFields: never;
				Insert: {
					blocked_at?: string | null;
					created_at?: string;
					email: string;
					name?: string | null;
					owner_id: string;
					restricted_at?: string | null;
				};
				Update: {
					blocked_at?: string | null;
					created_at?: string;
					email?: string;
					name?: string | null;
					owner_id?: string;
					restricted_at?: string | null;
				};
				Relationships: [];
			};
			provenance_marks: {
				Row: {
					marked_at: string;
					sha256: string;
				};
				ComputedFields: never;
				Insert: {
					marked_at: string;
					sha256: string;
				};
				Update: {
					marked_at?: string;
					sha256?: string;
				};
				Relationships: [];
			};
			refunds: {
				Row: {
					amount: number;
					asked_by: string;
					created_at: string;
					currency: string;
					id: string;
					kind: string;
					order_id: string | null;
					owner_id: string;
					portraits: number;
					reason: string;
					settled_at: string | null;
					status: string;
					stripe_refund_id: string | null;
				};
				ComputedFields: never;
				Insert: {
					amount: number;
					asked_by: string;
					created_at?: string;
					currency: string;
					id?: string;
					kind: string;
					order_id?: string | null;
					owner_id: string;
					portraits?: number;
					reason: string;
					settled_at?: string | null;
					status?: string;
					stripe_refund_id?: string | null;
				};
				Update: {
					amount?: number;
					asked_by?: string;
					created_at?: string;
					currency?: string;
					id?: string;
					kind?: string;
					order_id?: string | null;
					owner_id?: string;
					portraits?: number;
					reason?: string;
					settled_at?: string | null;
					status?: string;
					stripe_refund_id?: string | null;
				};
				Relationships: [
					{
						foreignKeyName: 'refunds_order_id_fkey';
						columns: ['order_id'];
						isOneToOne: false;
						referencedRelation: 'orders';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'refunds_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			returns: {
				Row: {
					created_at: string;
					headshot_id: string;
					owner_id: string;
					shoot_id: string | null;
					style_id: string | null;
				};
				ComputedFields: never;
				Insert: {
					created_at?: string;
					headshot_id: string;
					owner_id?: string;
					shoot_id?: string | null;
					style_id?: string | null;
				};
				Update: {
					created_at?: string;
					headshot_id?: string;
					owner_id?: string;
					shoot_id?: string | null;
					style_id?: string | null;
				};
				Relationships: [
					{
						foreignKeyName: 'returns_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'returns_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'returns_style_id_fkey';
						columns: ['style_id'];
						isOneToOne: false;
						referencedRelation: 'styles';
						referencedColumns: ['id'];
					},
				];
			};
			shoot_styles: {
				Row: {
					owner_id: string;
					shoot_id: string;
					style_id: string;
				};
				ComputedFields: never;
				Insert: {
					owner_id?: string;
					shoot_id: string;
					style_id: string;
				};
				Update: {
					owner_id?: string;
					shoot_id?: string;
					style_id?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'shoot_styles_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'shoot_styles_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'shoot_styles_style_id_fkey';
						columns: ['style_id'];
						isOneToOne: false;
						referencedRelation: 'styles';
						referencedColumns: ['id'];
					},
				];
			};
			shoots: {
				Row: {
					created_at: string;
					engine: Database['public']['Enums']['engine'];
					failure: string | null;
					first_portrait_at: string | null;
					headshots_wanted: number | null;
					id: string;
					name: string;
					offer_id: string;
					owner_id: string;
					photo_retention: Database['public']['Enums']['photo_retention'];
					portraits_planned: number;
					status: Database['public']['Enums']['shoot_status'];
					status_changed_at: string;
				};
				ComputedFields: never;
				Insert: {
					created_at?: string;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					first_portrait_at?: string | null;
					headshots_wanted?: number | null;
					id?: string;
					name: string;
					offer_id: string;
					owner_id?: string;
					photo_retention?: Database['public']['Enums']['photo_retention'];
					portraits_planned?: number;
					status?: Database['public']['Enums']['shoot_status'];
					status_changed_at?: string;
				};
				Update: {
					created_at?: string;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					first_portrait_at?: string | null;
					headshots_wanted?: number | null;
					id?: string;
					name?: string;
					offer_id?: string;
					owner_id?: string;
					photo_retention?: Database['public']['Enums']['photo_retention'];
					portraits_planned?: number;
					status?: Database['public']['Enums']['shoot_status'];
					status_changed_at?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'shoots_offer_id_fkey';
						columns: ['offer_id'];
						isOneToOne: false;
						referencedRelation: 'offers';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'shoots_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			sign_in_attempts: {
				Row: {
					address: string | null;
					at: string;
					email: string | null;
					email_hash: string | null;
					id: string;
					kind: string;
					network: string | null;
				};
				ComputedFields: never;
				Insert: {
					address?: string | null;
					at?: string;
					email?: string | null;
					email_hash?: string | null;
					id?: string;
					kind: string;
					network?: string | null;
				};
				Update: {
					address?: string | null;
					at?: string;
					email?: string | null;
					email_hash?: string | null;
					id?: string;
					kind?: string;
					network?: string | null;
				};
				Relationships: [];
			};
			styles: {
				Row: {
					backdrop: string;
					description: string;
					id: string;
					is_active: boolean;
					light: string;
					name: string;
					outfit: string;
					pack_id: string;
					picture: string;
					position: number;
					prompt_template: string;
				};
				ComputedFields: never;
				Insert: {
					backdrop: string;
					description: string;
					id: string;
					is_active?: boolean;
					light: string;
					name: string;
					outfit: string;
					pack_id: string;
					picture: string;
					position: number;
					prompt_template: string;
				};
				Update: {
					backdrop?: string;
					description?: string;
					id?: string;
					is_active?: boolean;
					light?: string;
					name?: string;
					outfit?: string;
					pack_id?: string;
					picture?: string;
					position?: number;
					prompt_template?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'styles_pack_id_fkey';
						columns: ['pack_id'];
						isOneToOne: false;
						referencedRelation: 'packs';
						referencedColumns: ['id'];
					},
				];
			};
			subscriptions: {
				Row: {
					checkout_version: number;
					created_at: string;
					current_period_end: string | null;
					current_period_start: string | null;
					ended_at: string | null;
					heard_at: string | null;
					id: string;
					is_ending: boolean;
					judged_at: string | null;
					next_check_at: string | null;
					offer_id: string;
					opened_at: string;
					owner_id: string;
					payment_failed_at: string | null;
					status: Database['public']['Enums']['subscription_status'];
					stripe_checkout_session_id: string | null;
					stripe_subscription_id: string | null;
				};
				ComputedFields: never;
				Insert: {
					checkout_version?: number;
					created_at?: string;
					current_period_end?: string | null;
					current_period_start?: string | null;
					ended_at?: string | null;
					heard_at?: string | null;
					id?: string;
					is_ending?: boolean;
					judged_at?: string | null;
					next_check_at?: string | null;
					offer_id: string;
					opened_at?: string;
					owner_id: string;
					payment_failed_at?: string | null;
					status?: Database['public']['Enums']['subscription_status'];
					stripe_checkout_session_id?: string | null;
					stripe_subscription_id?: string | null;
				};
				Update: {
					checkout_version?: number;
					created_at?: string;
					current_period_end?: string | null;
					current_period_start?: string | null;
					ended_at?: string | null;
					heard_at?: string | null;
					id?: string;
					is_ending?: boolean;
					judged_at?: string | null;
					next_check_at?: string | null;
					offer_id?: string;
					opened_at?: string;
					owner_id?: string;
					payment_failed_at?: string | null;
					status?: Database['public']['Enums']['subscription_status'];
					stripe_checkout_session_id?: string | null;
					stripe_subscription_id?: string | null;
				};
				Relationships: [
					{
						foreignKeyName: 'subscriptions_offer_id_fkey';
						columns: ['offer_id'];
						isOneToOne: false;
						referencedRelation: 'offers';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'subscriptions_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
				];
			};
			takedown_confirmations: {
				Row: {
					token: string;
				};
				ComputedFields: never;
				Insert: {
					token: string;
				};
				Update: {
					token?: string;
				};
				Relationships: [];
			};
			takedowns: {
				Row: {
					address: string | null;
					details: string | null;
					email: string | null;
					id: string;
				};
				ComputedFields: never;
				Insert: {
					address?: string | null;
					details?: string | null;
					email?: string | null;
					id?: string;
				};
				Update: {
					address?: string | null;
					details?: string | null;
					email?: string | null;
					id?: string;
				};
				Relationships: [];
			};
			trainings: {
				Row: {
					created_at: string;
					engine: Database['public']['Enums']['engine'];
					failure: string | null;
					finished_at: string | null;
					heard_at: string | null;
					hold_id: string;
					id: string;
					owner_id: string;
					progress_percent: number | null;
					queue_position: number | null;
					request_id: string | null;
					shoot_id: string;
					status: Database['public']['Enums']['work_status'];
					submitted_at: string | null;
					trigger_phrase: string;
				};
				ComputedFields: never;
				Insert: {
					created_at?: string;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					finished_at?: string | null;
					heard_at?: string | null;
					hold_id: string;
					id?: string;
					owner_id: string;
					progress_percent?: number | null;
					queue_position?: number | null;
					request_id?: string | null;
					shoot_id: string;
					status?: Database['public']['Enums']['work_status'];
					submitted_at?: string | null;
					trigger_phrase?: string;
				};
				Update: {
					created_at?: string;
					engine?: Database['public']['Enums']['engine'];
					failure?: string | null;
					finished_at?: string | null;
					heard_at?: string | null;
					hold_id?: string;
					id?: string;
					owner_id?: string;
					progress_percent?: number | null;
					queue_position?: number | null;
					request_id?: string | null;
					shoot_id?: string;
					status?: Database['public']['Enums']['work_status'];
					submitted_at?: string | null;
					trigger_phrase?: string;
				};
				Relationships: [
					{
						foreignKeyName: 'trainings_are_for_shoots_of_the_studio';
						columns: ['shoot_id', 'engine'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id', 'engine'];
					},
					{
						foreignKeyName: 'trainings_hold_id_fkey';
						columns: ['hold_id'];
						isOneToOne: false;
						referencedRelation: 'credit_holds';
						referencedColumns: ['id'];
					},
					{
						foreignKeyName: 'trainings_owner_id_fkey';
						columns: ['owner_id'];
						isOneToOne: false;
						referencedRelation: 'profiles';
						referencedColumns: ['owner_id'];
					},
					{
						foreignKeyName: 'trainings_shoot_id_fkey';
						columns: ['shoot_id'];
						isOneToOne: false;
						referencedRelation: 'shoots';
						referencedColumns: ['id'];
					},
				];
			};
		};
		Views: {
			[_ in never]: never;
		};
		Functions: {
			show_files: {
				Args: { p_ids?: string[]; p_shoot_id?: string; p_what: string };
				Returns: {
					id: string;
					key: string;
				}[];
			};
		};
		Enums: {
			consent_purpose: 'adult' | 'terms' | 'photo_processing' | 'private_model';
			credit_entry_kind:
				| 'grant'
				| 'hold'
				| 'capture'
				| 'release'
				| 'refund'
				| 'restore'
				| 'return'
				| 'lapse'
				| 'chargeback'
				| 'adjustment';
			credit_unit: 'training' | 'headshot';
			edit_kind: 'backdrop' | 'outfit' | 'wider' | 'glare' | 'hair';
			engine: 'studio' | 'instant';
			offer_kind: 'pack' | 'plan';
			order_status: 'pending' | 'paid' | 'expired' | 'failed' | 'mismatched' | 'refunded';
			photo_retention: 'after_training' | 'PT24H' | 'P7D' | 'P30D';
			shoot_status: 'draft' | 'paid' | 'training' | 'generating' | 'ready' | 'failed' | 'refunded';
			subscription_status:
				| 'pending'
				| 'expired'
				| 'refused'
				| 'incomplete'
				| 'incomplete_expired'
				| 'trialing'
				| 'active'
				| 'past_due'
				| 'unpaid'
				| 'paused'
				| 'canceled';
			work_status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
		};
		CompositeTypes: {
			[_ in never]: never;
		};
	};
	service: {
		Tables: {
			[_ in never]: never;
		};
		Views: {
			[_ in never]: never;
		};
		Functions: {
			alarms: {
				Args: { as_of?: string };
				Returns: {
					detail: string;
					kind: Database['service']['Enums']['alarm_kind'];
				}[];
			};
			alarms_to_mail: { Args: { as_of?: string }; Returns: Json };
			apply_profile: {
				Args: { p_offers: string[]; p_processors: string[]; p_profile: string };
				Returns: undefined;
			};
			ask_refund: {
				Args: { as_of?: string; p_order_id: string; p_owner_id: string };
				Returns: Json;
			};
			beat: { Args: { as_of?: string }; Returns: string };
			begin_drill: { Args: { as_of?: string }; Returns: undefined };
			begin_generation_submit: { Args: { as_of?: string; p_generation_id: string }; Returns: Json };
			begin_portrait: {
				Args: { as_of?: string; p_generation_id: string; p_model: string };
				Returns: Json;
			};
			begin_training_submit: { Args: { as_of?: string; p_training_id: string }; Returns: boolean };
			claim_jobs: {
				Args: {
					as_of?: string;
					p_done?: Json;
					p_generation_capacity: number;
					p_instant_capacity?: number;
					p_instant_limit?: number;
					p_instant_per_minute?: number;
					p_lease_seconds: number;
					p_limit: number;
				};
				Returns: {
					attempt: number;
					id: string;
					kind: string;
					lease_token: string;
					max_attempts: number;
					payload: Json;
					request_id: string;
					shoot_id: string;
				}[];
			};
			clear_generation_submit: {
				Args: { p_attempt: number; p_generation_id: string };
				Returns: undefined;
			};
			clear_training_submit: { Args: { p_training_id: string }; Returns: undefined };
			compare_requests: { Args: { as_of?: string; p_requests: Json }; Returns: number };
			complete_erasure_step: {
				Args: { as_of?: string; p_erasure_id: string; p_evidence: Json; p_kind: string };
				Returns: boolean;
			};
			customer_of_person: { Args: { p_owner_id: string }; Returns: string };
			customers_to_update: {
				Args: { p_owner_id: string };
				Returns: {
					email: string;
					name: string;
					stripe_customer_id: string;
				}[];
			};
			deliver_headshot: {
				Args: {
					as_of?: string;
					p_attempt?: number;
					p_bytes: number;
					p_content_type?: string;
					p_generation_id: string;
					p_height: number;
					p_sha256: string;
					p_thumbnail_bytes: number;
					p_thumbnail_sha256: string;
					p_width: number;
				};
				Returns: boolean;
			};
			end_turn: {
				Args: { as_of?: string; p_keeper: string; p_reached_at: string };
				Returns: undefined;
			};
			engine_of: {
				Args: { p_owner_id: string; p_shoot_id: string };
				Returns: Database['public']['Enums']['engine'];
			};
			enqueue_job: {
				Args: {
					p_key: string;
					p_kind: string;
					p_payload: Json;
					p_priority?: number;
					p_run_at?: string;
				};
				Returns: undefined;
			};
			erasure_preview: { Args: { p_owner_id: string; p_shoot_id?: string }; Returns: Json };
			erasure_work: { Args: { p_erasure_id: string }; Returns: Json };
			expire_due: { Args: { as_of?: string; p_limit: number }; Returns: number };
			extend_lease: {
				Args: { as_of?: string; p_id: string; p_lease_seconds: number; p_lease_token: string };
				Returns: boolean;
			};
			fail_generation: {
				Args: {
					as_of?: string;
					p_attempt?: number;
					p_generation_id: string;
					p_reason: string;
					p_retry: boolean;
				};
				Returns: string;
			};
			fail_training: {
				Args: { as_of?: string; p_code: string; p_training_id: string };
				Returns: boolean;
			};
			figures: { Args: { as_of?: string }; Returns: Json };
			files_to_look_for: {
				Args: { as_of?: string; p_limit: number; p_position: string };
				Returns: Json;
			};
			finish_job: {
				Args: { as_of?: string; p_id: string; p_lease_token: string };
				Returns: boolean;
			};
			forget_payer: {
				Args: { p_customer_id: string; p_email: string; p_redactable_at?: string };
				Returns: boolean;
			};
			generation_work: { Args: { p_generation_id: string }; Returns: Json };
			health: { Args: { as_of?: string }; Returns: Json };
			invoice_of_order: { Args: { p_order_id: string; p_owner_id: string }; Returns: string };
			is_erased: { Args: { p_key: string }; Returns: boolean };
			is_erased_payment: { Args: { p_session_id: string }; Returns: boolean };
			is_session_fresh: {
				Args: { as_of?: string; p_owner_id: string; p_session_id: string };
				Returns: boolean;
			};
			issue_receipt: {
				Args: {
					as_of?: string;
					p_backups_gone_at: string;
					p_erasure_id: string;
					p_jws: string;
					p_stage: string;
				};
				Returns: string;
			};
			judge_subscription: {
				Args: {
					as_of?: string;
					p_customer_id?: string;
					p_promotion_code_id?: string;
					p_session_id: string;
					p_session_status: string;
					p_stripe_subscription_id?: string;
					p_subscription_id: string;
				};
				Returns: string;
			};
			leave_turn: {
				Args: { as_of?: string; p_keeper: string; p_position: string };
				Returns: undefined;
			};
			mail_to_send: {
				Args: { p_mail_id: string };
				Returns: {
					data: Json;
					email: string;
					key: string;
					name: string;
					sent: boolean;
					template: string;
				}[];
			};
			note_difference: {
				Args: { as_of?: string; p_kind: string; p_outcome?: string; p_subject: string };
				Returns: undefined;
			};
			note_erasure_trouble: {
				Args: { p_erasure_id: string; p_error: string; p_kind: string };
				Returns: undefined;
			};
			note_strays: {
				Args: { as_of?: string; p_bucket: string; p_keys: string[] };
				Returns: number;
			};
			note_training_progress: {
				Args: { as_of?: string; p_percent?: number; p_position?: number; p_training_id: string };
				Returns: undefined;
			};
			note_upload_url: {
				Args: { p_ends_at: string; p_owner_id: string; p_photo_id: string };
				Returns: undefined;
			};
			objects_gone: {
				Args: { as_of?: string; p_bucket: string; p_keys: string[] };
				Returns: undefined;
			};
			open_doors: { Args: { as_of?: string }; Returns: number };
			open_order: {
				Args: { as_of?: string; p_owner_id: string; p_shoot_id: string };
				Returns: {
					amount: number;
					checkout_version: number;
					currency: string;
					description: string;
					email: string;
					may_use_code: boolean;
					offer_name: string;
					open_session_id: string;
					order_id: string;
					stripe_customer_id: string;
					superseded_session_id: string;
				}[];
			};
			open_subscription: {
				Args: { as_of?: string; p_offer_id: string; p_owner_id: string };
				Returns: {
					amount: number;
					checkout_version: number;
					currency: string;
					email: string;
					may_use_code: boolean;
					open_session_id: string;
					stripe_customer_id: string;
					subscription_id: string;
					superseded_session_id: string;
				}[];
			};
			order_of_shoot: {
				Args: { p_owner_id: string; p_shoot_id: string };
				Returns: {
					order_id: string;
					session_id: string;
					status: Database['public']['Enums']['order_status'];
				}[];
			};
			photos_to_seal: {
				Args: { p_owner_id: string; p_shoot_id: string };
				Returns: {
					bytes: number;
					content_type: string;
					height: number;
					id: string;
					owner_id: string;
					sha256: string;
					shoot_id: string;
					storage_key: string;
					width: number;
				}[];
			};
			plan_edit: {
				Args: {
					as_of?: string;
					p_edit: Database['public']['Enums']['edit_kind'];
					p_headshot_id: string;
					p_owner_id: string;
					p_request_id: string;
					p_style_id: string;
				};
				Returns: string;
			};
			plan_headshots: {
				Args: {
					as_of?: string;
					p_count: number;
					p_owner_id: string;
					p_request_id: string;
					p_shoot_id: string;
					p_style_ids: string[];
				};
				Returns: number;
			};
			portraits_to_audit: { Args: { p_limit: number; p_position: string }; Returns: Json };
			read_data: { Args: { p_owner_id: string }; Returns: Json };
			read_erasure: { Args: { p_erasure_id: string }; Returns: Json };
			record_access: {
				Args: {
					as_of?: string;
					p_count: number;
					p_owner_id: string;
					p_reader: string;
					p_shoot_id: string;
					p_what: string;
				};
				Returns: undefined;
			};
			record_all_forgotten: { Args: { as_of?: string; p_answers: Json }; Returns: undefined };
			record_answer: {
				Args: {
					as_of?: string;
					p_attempt: number;
					p_generation_id: string;
					p_outcome: string;
					p_pause_seconds?: number;
				};
				Returns: undefined;
			};
			record_checkout_session: {
				Args: { as_of?: string; p_order_id: string; p_session_id: string };
				Returns: boolean;
			};
			record_customer_updated: { Args: { as_of?: string; p_owner_id: string }; Returns: undefined };
			record_erasure_customer: {
				Args: { as_of?: string; p_customer_id: string; p_erasure_id: string };
				Returns: undefined;
			};
			record_forgotten: {
				Args: { as_of?: string; p_evidence: Json; p_request_id: string };
				Returns: undefined;
			};
			record_found_request: {
				Args: {
					p_cancel_url: string;
					p_endpoint: string;
					p_erasure_id: string;
					p_generation_id: string;
					p_request_id: string;
					p_response_url: string;
					p_status_url: string;
					p_training_id: string;
				};
				Returns: undefined;
			};
			record_generation_request: {
				Args: {
					as_of?: string;
					p_attempt: number;
					p_cancel_url: string;
					p_endpoint: string;
					p_generation_id: string;
					p_request_id: string;
					p_response_url: string;
					p_status_url: string;
				};
				Returns: boolean;
			};
			record_late_invoice: {
				Args: {
					as_of?: string;
					p_amount: number;
					p_currency: string;
					p_invoice_id: string;
					p_payment_intent_id: string;
					p_plan: string;
					p_refunded: number;
				};
				Returns: undefined;
			};
			record_lora: {
				Args: { as_of?: string; p_bytes: number; p_sha256: string; p_training_id: string };
				Returns: boolean;
			};
			record_mail_sent: { Args: { as_of?: string; p_mail_id: string }; Returns: undefined };
			record_receipt_mailed: { Args: { p_erasure_id: string }; Returns: undefined };
			record_redaction: {
				Args: { p_customer_id: string; p_redaction_id: string };
				Returns: undefined;
			};
			record_refund_refused: {
				Args: { as_of?: string; p_code: string; p_refund_id: string };
				Returns: undefined;
			};
			record_subscription_session: {
				Args: { as_of?: string; p_session_id: string; p_subscription_id: string };
				Returns: undefined;
			};
			record_training_request: {
				Args: {
					as_of?: string;
					p_cancel_url: string;
					p_endpoint: string;
					p_request_id: string;
					p_response_url: string;
					p_status_url: string;
					p_training_id: string;
				};
				Returns: boolean;
			};
			record_upload: {
				Args: { as_of?: string; p_owner_id: string; p_photo_id: string };
				Returns: undefined;
			};
			record_webhook_events: { Args: { as_of?: string; p_events: Json }; Returns: Json };
			recover_order: {
				Args: {
					as_of?: string;
					p_amount: number;
					p_currency: string;
					p_customer_id: string;
					p_email: string;
					p_order_id: string;
					p_payment_intent_id: string;
					p_session_id: string;
				};
				Returns: string;
			};
			refund_order: {
				Args: {
					as_of?: string;
					p_amount: number;
					p_currency: string;
					p_payment_intent_id: string;
					p_refunds: Json;
				};
				Returns: string;
			};
			refund_quotes: { Args: { as_of?: string; p_owner_id: string }; Returns: Json };
			refund_to_send: {
				Args: { p_refund_id: string };
				Returns: {
					amount: number;
					idempotency_key: string;
					payment_intent_id: string;
				}[];
			};
			reject_photos: {
				Args: { p_ids: string[]; p_owner_id: string; p_shoot_id: string };
				Returns: undefined;
			};
			replay_tombstones: { Args: { as_of?: string; p_tombstones: Json }; Returns: number };
			request_erasure: {
				Args: {
					as_of?: string;
					p_origin?: string;
					p_owner_id: string;
					p_refund?: boolean;
					p_scope: string;
					p_shoot_id?: string;
				};
				Returns: string;
			};
			requests_to_forget: { Args: { p_shoot_id: string }; Returns: string[] };
			retry_job: {
				Args: {
					as_of?: string;
					p_delay_seconds?: number;
					p_error: string;
					p_id: string;
					p_lease_token: string;
				};
				Returns: string;
			};
			seal_photos: {
				Args: { as_of?: string; p_owner_id: string; p_photo_ids?: string[]; p_shoot_id: string };
				Returns: string;
			};
			settle_dispute: {
				Args: {
					as_of?: string;
					p_amount: number;
					p_currency: string;
					p_dispute_id: string;
					p_heard_at: string;
					p_payment_intent_id: string;
					p_status: string;
				};
				Returns: string;
			};
			settle_erased_payment: {
				Args: {
					as_of?: string;
					p_charged?: number;
					p_payment_intent_id?: string;
					p_refunded?: number;
					p_session_id: string;
				};
				Returns: boolean;
			};
			settle_invoice: {
				Args: {
					as_of?: string;
					p_amount_paid: number;
					p_attempts?: number;
					p_currency: string;
					p_invoice_id: string;
					p_lines: Json;
					p_next_attempt_at?: string;
					p_payment_intent_id?: string;
					p_status: string;
					p_stripe_subscription_id: string;
				};
				Returns: string;
			};
			settle_loss: { Args: { as_of?: string; p_bucket: string; p_key: string }; Returns: string };
			settle_order: {
				Args: {
					as_of?: string;
					p_amount_subtotal: number;
					p_amount_total: number;
					p_currency: string;
					p_customer_id?: string;
					p_invoice_id?: string;
					p_order_id?: string;
					p_payment_intent_id?: string;
					p_payment_status: string;
					p_promotion_code_id?: string;
					p_session_id: string;
					p_session_status: string;
				};
				Returns: string;
			};
			settle_subscription: {
				Args: {
					as_of?: string;
					p_customer_id?: string;
					p_ended_at?: string;
					p_heard_at: string;
					p_is_ending: boolean;
					p_period_end: string;
					p_period_start: string;
					p_plan: string;
					p_status: string;
					p_stripe_subscription_id: string;
					p_subscription_id: string;
				};
				Returns: {
					session_to_judge: string;
					settlement: string;
				}[];
			};
			settle_unsettled: { Args: { as_of?: string; p_sessions: Json }; Returns: string[] };
			start_export: { Args: { as_of?: string; p_owner_id: string }; Returns: string };
			start_with_credits: {
				Args: { p_count: number; p_owner_id: string; p_shoot_id: string };
				Returns: number;
			};
			subscription_of_person: {
				Args: { p_owner_id: string };
				Returns: {
					session_id: string;
					status: string;
					stripe_subscription_id: string;
				}[];
			};
			sweep_due: { Args: { as_of?: string }; Returns: number };
			sweep_erasures: {
				Args: { as_of?: string };
				Returns: {
					days_left: number;
					erasure_id: string;
					open_steps: string[];
				}[];
			};
			take_export: {
				Args: { as_of?: string; p_export_id: string; p_owner_id: string };
				Returns: undefined;
			};
			take_turn: {
				Args: { as_of?: string; p_every_seconds: number; p_keeper: string };
				Returns: Json;
			};
			training_work: { Args: { p_training_id: string }; Returns: Json };
			turn_position: { Args: { p_keeper: string }; Returns: string };
			unheard_events: { Args: { p_event_ids: string[] }; Returns: string[] };
			work_opens_in: {
				Args: {
					as_of?: string;
					p_capacity: number;
					p_patience_seconds: number;
					p_per_minute: number;
				};
				Returns: number;
			};
		};
		Enums: {
			alarm_kind:
				| 'isolation'
				| 'dead_job'
				| 'late_work'
				| 'difference'
				| 'books_not_compared'
				| 'doors_closed'
				| 'request_urgent'
				| 'request_overdue'
				| 'review_due'
				| 'erasure_late'
				| 'redaction_late'
				| 'ledger'
				| 'photos_past_their_time'
				| 'guessing';
		};
		CompositeTypes: {
			[_ in never]: never;
		};
	};
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
	DefaultSchemaTableNameOrOptions extends
		| keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
		| { schema: keyof DatabaseWithoutInternals },
	TableName extends (DefaultSchemaTableNameOrOptions extends {
		schema: keyof DatabaseWithoutInternals;
	}
		? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
				DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
		: never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
	? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
			DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
			Row: infer R;
		}
		? R
		: never
	: DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
		? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
				Row: infer R;
			}
			? R
			: never
		: never;

export type TablesInsert<
	DefaultSchemaTableNameOrOptions extends
		keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
	TableName extends (DefaultSchemaTableNameOrOptions extends {
		schema: keyof DatabaseWithoutInternals;
	}
		? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
		: never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
	? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
			Insert: infer I;
		}
		? I
		: never
	: DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
		? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
				Insert: infer I;
			}
			? I
			: never
		: never;

export type TablesUpdate<
	DefaultSchemaTableNameOrOptions extends
		keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
	TableName extends (DefaultSchemaTableNameOrOptions extends {
		schema: keyof DatabaseWithoutInternals;
	}
		? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
		: never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
	? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
			Update: infer U;
		}
		? U
		: never
	: DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
		? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
				Update: infer U;
			}
			? U
			: never
		: never;

export type Enums<
	DefaultSchemaEnumNameOrOptions extends
		keyof DefaultSchema['Enums'] | { schema: keyof DatabaseWithoutInternals },
	EnumName extends (DefaultSchemaEnumNameOrOptions extends {
		schema: keyof DatabaseWithoutInternals;
	}
		? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
		: never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
	? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
	: DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
		? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
		: never;

export type CompositeTypes<
	PublicCompositeTypeNameOrOptions extends
		keyof DefaultSchema['CompositeTypes'] | { schema: keyof DatabaseWithoutInternals },
	CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
		schema: keyof DatabaseWithoutInternals;
	}
		? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
		: never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
	? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
	: PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
		? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
		: never;

export const Constants = {
	public: {
		Enums: {
			consent_purpose: ['adult', 'terms', 'photo_processing', 'private_model'],
			credit_entry_kind: [
				'grant',
				'hold',
				'capture',
				'release',
				'refund',
				'restore',
				'return',
				'lapse',
				'chargeback',
				'adjustment',
			],
			credit_unit: ['training', 'headshot'],
			edit_kind: ['backdrop', 'outfit', 'wider', 'glare', 'hair'],
			engine: ['studio', 'instant'],
			offer_kind: ['pack', 'plan'],
			order_status: ['pending', 'paid', 'expired', 'failed', 'mismatched', 'refunded'],
			photo_retention: ['after_training', 'PT24H', 'P7D', 'P30D'],
			shoot_status: ['draft', 'paid', 'training', 'generating', 'ready', 'failed', 'refunded'],
			subscription_status: [
				'pending',
				'expired',
				'refused',
				'incomplete',
				'incomplete_expired',
				'trialing',
				'active',
				'past_due',
				'unpaid',
				'paused',
				'canceled',
			],
			work_status: ['queued', 'running', 'succeeded', 'failed', 'cancelled'],
		},
	},
	service: {
		Enums: {
			alarm_kind: [
				'isolation',
				'dead_job',
				'late_work',
				'difference',
				'books_not_compared',
				'doors_closed',
				'request_urgent',
				'request_overdue',
				'review_due',
				'erasure_late',
				'redaction_late',
				'ledger',
				'photos_past_their_time',
				'guessing',
			],
		},
	},
} as const;
