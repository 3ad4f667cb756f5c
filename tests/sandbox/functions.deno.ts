/**
 * Runs under Deno: every function of supabase/functions in one process, as it would run hosted.
 * Each index.ts is loaded unchanged; what it gives to `Deno.serve` answers below its name.
 */
type Handler = (request: Request) => Response | Promise<Response>;

const [root = '', port = ''] = Deno.args;
const functions = `${root}/supabase/functions`;
const listen = Deno.serve;

Object.assign(globalThis, {
	EdgeRuntime: {
		waitUntil(work: Promise<unknown>) {
			work.catch((error: unknown) => console.error('background work failed:', error));
		},
	},
});

const handlers = new Map<string, Handler>();
for (const { name, isDirectory } of Deno.readDirSync(functions)) {
	if (!isDirectory || name.startsWith('_') || name.startsWith('.')) continue;
	Object.defineProperty(Deno, 'serve', {
		configurable: true,
		value: (handler: Handler) => handlers.set(name, handler),
	});
	try {
		await import(`file://${functions}/${name}/index.ts`);
	} catch (error) {
		// As hosted: one function that does not boot leaves the others alone.
		console.error(`${name} does not boot:`, error);
		handlers.set(name, () =>
			Response.json(
				{ code: 'BOOT_ERROR', message: 'Function failed to start (please check logs)' },
				{ status: 503 },
			),
		);
	}
}

const answer: Handler = async (request) => {
	const name = new URL(request.url).pathname.split('/')[1] ?? '';
	const handler = handlers.get(name);
	if (!handler)
		return Response.json(
			{ code: 'NOT_FOUND', message: 'Requested function was not found' },
			{ status: 404 },
		);
	try {
		return await handler(request);
	} catch (error) {
		console.error(`${name}:`, error);
		return new Response('Internal Server Error', { status: 500 });
	}
};

listen(
	{
		port: Number(port),
		hostname: '127.0.0.1',
		onListen: () => console.log(`functions are ready: ${[...handlers.keys()].sort().join(', ')}`),
	},
	answer,
);

// The stack holds the other end of this pipe: when it is gone, so are we.
await Deno.stdin.readable.pipeTo(new WritableStream());
Deno.exit(0);
