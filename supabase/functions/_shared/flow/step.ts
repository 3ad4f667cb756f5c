/** Which step of the product a job is. */
import type { Task } from '../domain/job.ts';
import { settleCheckout, updateCustomer } from './checkout.ts';
import { deleteObjects, forgetDelivered, forgetRequest } from './deletion.ts';
import type { Deps } from './deps.ts';
import { redactCustomer } from './erasure-money.ts';
import { erase } from './erasure.ts';
import { collectGeneration, submitGeneration } from './generation.ts';
import { makePortrait } from './instant.ts';
import { sendMail } from './mail.ts';
import { settleInvoice, settleSubscription } from './plan.ts';
import { sendRefund, settleDispute, settleRefund } from './refund.ts';
import { collectTraining, startTraining } from './training.ts';

/** Does what the job asks for, once; throws when it could not be done. */
export function step(deps: Deps, task: Task): Promise<unknown> {
	switch (task.kind) {
		case 'settle_checkout':
			return settleCheckout(deps, task.payload.session_id);
		case 'settle_refund':
			return settleRefund(deps, task.payload.payment_intent_id);
		case 'settle_subscription':
			return settleSubscription(deps, task.payload.subscription_id);
		case 'settle_invoice':
			return settleInvoice(deps, task.payload.invoice_id);
		case 'settle_dispute':
			return settleDispute(deps, task.payload.dispute_id);
		case 'send_refund':
			return sendRefund(deps, task.payload.refund_id);
		case 'end_subscription':
			return deps.payments.endPlan(task.payload.subscription_id);
		case 'start_training':
			return startTraining(deps, task.payload.training_id);
		case 'collect_training':
			return collectTraining(deps, task.payload.training_id, task.payload.request_id);
		case 'submit_generation':
			return submitGeneration(deps, task.payload.generation_id);
		case 'collect_generation':
			return collectGeneration(deps, task.payload.generation_id, task.payload.request_id);
		case 'make_portrait':
			return makePortrait(deps, task.payload.generation_id);
		case 'forget_request':
			return forgetRequest(deps, task.payload.request_id, task.payload.running_at);
		case 'forget_delivered':
			return forgetDelivered(deps, task.payload.shoot_id);
		case 'delete_objects':
			return deleteObjects(deps, task.payload.bucket, task.payload.keys);
		case 'send_mail':
			return sendMail(deps, task.payload.mail_id);
		case 'update_customer':
			return updateCustomer(deps, task.payload.owner_id);
		case 'erase':
			return erase(deps, task.payload.erasure_id);
		case 'redact_customer':
			return redactCustomer(deps, task.payload.customer_id, task.payload.redaction_id);
	}
}
