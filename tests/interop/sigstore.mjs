// Signs and verifies with sigstore-js: a list of jobs on stdin, a list of results on stdout.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bundleFromJSON, bundleToJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { DSSEBundleBuilder, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const bytes = (text) => (text === undefined ? undefined : Buffer.from(text, 'base64'));

function verify(job) {
  const key = job.key && createPublicKey(job.key);
  const finder = key && (() => ({ publicKey: key, validFor: () => true }));
  const material = toTrustMaterial(TrustedRoot.fromJSON(job.root), finder);
  const bundle = bundleFromJSON(job.bundle);
  const entity = toSignedEntity(bundle, bytes(job.artifact));
  const signer = new Verifier(material, job.thresholds).verify(entity, job.policy);
  return { san: signer.identity?.subjectAlternativeName, issuer: signer.identity?.extensions?.issuer };
}

async function sign(job) {
  const signer = new FulcioSigner({ fulcioBaseURL: job.fulcio, identityProvider: { getToken: async () => job.token } });
  const witnesses = [
    new RekorWitness({ rekorBaseURL: job.rekor, majorApiVersion: job.version, entryType: job.entryType }),
    new TSAWitness({ tsaBaseURL: job.tsa }),
  ];
  const Builder = job.payloadType ? DSSEBundleBuilder : MessageSignatureBundleBuilder;
  const builder = new Builder({ signer, witnesses });
  const bundle = await builder.create({ data: bytes(job.data), type: job.payloadType });
  return { bundle: bundleToJSON(bundle) };
}

const results = [];
for (const job of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    results.push(job.op === 'sign' ? await sign(job) : verify(job));
  } catch (error) {
    results.push({ error: `${error.code ?? error.name}: ${error.message} ${error.cause ?? ''}` });
  }
}
process.stdout.write(JSON.stringify(results));
