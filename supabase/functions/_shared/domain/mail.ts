/** Every letter that we write; its words are in `providers/mail`. */
export const mailTemplates = [
	'portraits_ready',
	'training_failed',
	'order_paid',
	'order_refunded',
	'refund_failed',
	'promotion_used',
	'plan_paid',
	'plan_payment_failed',
	'plan_ended',
	'dispute_opened',
	'photos_leaving',
	'model_leaving',
	'file_lost',
	'erased',
	'erasure_late',
	'alarms',
	'takedown_confirm',
	'request_received',
	'request_closed',
	'export_made',
] as const;
export type MailTemplate = (typeof mailTemplates)[number];
