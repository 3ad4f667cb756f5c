/** The process that answers as SUPABASE_URL: lite, and around it the gateway. Configured by one JSON argument. */
import postgres from 'postgres';
import { gateway } from './gateway.ts';
import { createLite, liteConfig, sendGoogleTo } from './lite.ts';
import { serveOnLoopback } from './loopback.ts';

const config = liteConfig.parse(JSON.parse(process.env['SUPABASE_SANDBOX'] ?? ''));
sendGoogleTo(config.googleUrl);
const sql = postgres(config.database, { max: 10, onnotice: () => undefined });
const lite = await createLite(config, sql);
await serveOnLoopback('Supabase', config.port, () => gateway({ config, lite, sql }));
console.log('supabase is ready');
// The stack holds the other end of this pipe: when it is gone, so are we.
process.stdin.on('end', () => process.exit()).resume();
