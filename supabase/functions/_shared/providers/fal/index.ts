import type { FileFetcher, ImageGenerator, ProviderEraser, Trainer } from '../../domain/ports.ts';

export type FalConfig = {
	/** `key_id:key_secret`, scope API plus `assets:read`. */
	key: string;
	/** Scope ADMIN: only deleting payloads needs it. */
	adminKey: string;
	queueUrl: string;
	apiUrl: string;
	/** Who may read an output file by its bare URL. `forbid` = nobody but us, through a signed URL. */
	outputAcl: 'forbid' | 'allow';
	/** `fal.media` = that host and its subdomains over https; `http://127.0.0.1:1234` = that origin. */
	fileHosts: readonly string[];
};

export type FalProvider = {
	trainer: Trainer;
	generator: ImageGenerator;
	eraser: ProviderEraser;
	files: FileFetcher;
};

export function falProvider(_config: FalConfig): FalProvider {
	throw new Error('not built yet');
}
export { falWebhooks } from './webhook.ts';
export type { FalWebhookConfig, FalWebhookVerdict, FalWebhooks } from './webhook.ts';
