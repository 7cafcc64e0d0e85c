/** Certificates for TLS tests, made by openssl as X.509 version 3 (rustls refuses version 1). */
import { mustRun } from "./process.ts";

/** Paths of PEM files. `otherCa` signed none of them. `brokerStore` is key + chain in one file, as Kafka reads it. */
export interface Certificates {
  folder: string;
  ca: string;
  clientCert: string;
  clientKey: string;
  brokerStore: string;
  otherCa: string;
}

/** Makes a CA, a broker's and a client's pair (for `localhost` and 127.0.0.1), and a foreign CA. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  Deno.mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]) => mustRun(["openssl", ...args], { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  for (const ca of ["ca", "other-ca"]) {
    const files = ["-keyout", `${ca}.key`, "-out", `${ca}.crt`];
    await openssl("req", "-x509", ...key, "-days", "3650", "-subj", `/CN=test-${ca}`, ...files);
  }
  const extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n";
  Deno.writeTextFileSync(`${folder}/extensions`, extensions);
  const signing = [
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "3650",
    "-extfile",
    "extensions",
  ];
  for (const name of ["broker", "client"]) {
    await openssl("req", ...key, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signing, "-out", `${name}.crt`);
  }
  const read = (file: string) => Deno.readTextFileSync(`${folder}/${file}`);
  Deno.writeTextFileSync(`${folder}/broker.pem`, read("broker.key") + read("broker.crt") + read("ca.crt"));
  return {
    folder,
    ca: `${folder}/ca.crt`,
    clientCert: `${folder}/client.crt`,
    clientKey: `${folder}/client.key`,
    brokerStore: `${folder}/broker.pem`,
    otherCa: `${folder}/other-ca.crt`,
  };
}
