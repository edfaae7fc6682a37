import { api, read } from '../api/client';

// What the browser of today reads and writes as JSON by itself; an older one has no passkeys here.
type Codec = typeof PublicKeyCredential & {
  parseCreationOptionsFromJSON(json: unknown): PublicKeyCredentialCreationOptions;
  parseRequestOptionsFromJSON(json: unknown): PublicKeyCredentialRequestOptions;
};

const codec = () => (typeof PublicKeyCredential === 'undefined' ? undefined : (PublicKeyCredential as Codec));

/** Whether this browser can use passkeys. */
export const canPasskey = () => typeof codec()?.parseRequestOptionsFromJSON === 'function';

/** Signs in with a passkey of this device; undefined where the person let it be. */
export async function signInByPasskey() {
  const { token, options } = await read(api.POST('/api/session/passkey'));
  const publicKey = codec()!.parseRequestOptionsFromJSON((options as { publicKey: unknown }).publicKey);
  const answer = await navigator.credentials.get({ publicKey }).catch(() => null);
  if (!answer) return undefined;
  return read(api.POST('/api/session/passkey/answer', { body: { token, response: (answer as PublicKeyCredential).toJSON() } }));
}

/** Makes a passkey on this device; false where the person let it be. */
export async function makePasskey(name: string) {
  const { token, options } = await read(api.POST('/api/passkeys/begin'));
  const publicKey = codec()!.parseCreationOptionsFromJSON((options as { publicKey: unknown }).publicKey);
  const made = await navigator.credentials.create({ publicKey }).catch(() => null);
  if (!made) return false;
  await read(api.POST('/api/passkeys', { body: { token, name, response: (made as PublicKeyCredential).toJSON() } }));
  return true;
}
