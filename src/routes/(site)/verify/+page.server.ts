import { signingCertificates } from '$lib/server/certificates.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = () => ({ certificates: signingCertificates() });
