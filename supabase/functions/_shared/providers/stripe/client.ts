import Stripe from 'stripe';

export type StripeConfig = {
	secretKey: string;
	/** Origin, e.g. `https://api.stripe.com`. */
	host: string;
	/** Whether this account takes part in the preview of the Privacy API. */
	redacts: boolean;
	/** Whether Stripe Tax is set up in this account. */
	hasTax: boolean;
};

export function stripeClient(config: StripeConfig): Stripe {
	const { hostname, port, protocol } = new URL(config.host);
	return new Stripe(config.secretKey, {
		host: hostname,
		port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
		protocol: protocol === 'https:' ? 'https' : 'http',
		httpClient: Stripe.createFetchHttpClient(),
		maxNetworkRetries: 2,
		// Milliseconds; three tries must fit in the life of a function.
		timeout: 20_000,
		telemetry: false,
	});
}
