/** fal.ai: trains loras, makes portraits, keeps files for a while, and forgets when told to. */
import type { FileFetcher, ImageGenerator, ProviderEraser, Trainer } from '../../domain/ports.ts';
import type { ProviderBooks } from '../../domain/reconciliation.ts';
import { falBooks } from './books.ts';
import { queueClient } from './client.ts';
import { falEraser } from './eraser.ts';
import { falFiles } from './files.ts';
import { falGenerator } from './generator.ts';
import { falTrainer } from './trainer.ts';

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
	books: ProviderBooks;
	files: FileFetcher;
};

export function falProvider(config: FalConfig): FalProvider {
	const client = queueClient(config);
	return {
		trainer: falTrainer(config, client),
		generator: falGenerator(config, client),
		eraser: falEraser(config, client),
		books: falBooks(config),
		files: falFiles(config),
	};
}

export { falWebhooks } from './webhook.ts';
export type { FalWebhookConfig, FalWebhookVerdict, FalWebhooks } from './webhook.ts';
