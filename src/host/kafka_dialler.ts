import { Buffer } from "node:buffer";
import net from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { PermanentError } from "../core/errors.ts";
import type { KafkaTls } from "../core/kafka_port.ts";
import { granted } from "./granted.ts";

/** What kafkajs asks of a socket factory. */
export interface SocketWish {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/** Time of silence after which a connection is probed, when nothing else is asked for. */
const KEEP_ALIVE_MS = 60_000;

/**
 * The only place that opens connections to Kafka. It refuses every address but the configured brokers and those that
 * the cluster's own metadata name: a damaged or hostile answer of anything else leads nowhere.
 */
export class KafkaDialler {
  readonly #configured: ReadonlySet<string>;
  #named: ReadonlySet<string> = new Set();
  readonly #tls: KafkaTls | undefined;
  readonly #keepAliveMs: number;

  constructor(brokers: readonly string[], tls: KafkaTls | undefined, keepAliveMs: number) {
    this.#configured = new Set(brokers.map((address) => address.toLowerCase()));
    this.#tls = tls;
    this.#keepAliveMs = keepAliveMs || KEEP_ALIVE_MS;
  }

  /** The addresses that the latest metadata name; they replace the former ones. */
  allow(addresses: readonly string[]): void {
    this.#named = new Set(addresses.map((address) => address.toLowerCase()));
  }

  /** Opens a connection; the socket is returned at once and says later what became of it. */
  dial({ host, port, onConnect }: SocketWish): Duplex {
    const address = joinAddress(host, port).toLowerCase();
    if (!this.#configured.has(address) && !this.#named.has(address)) {
      throw new PermanentError("KAFKA_FOREIGN_ADDRESS", `'${address}' is no broker of this cluster`);
    }
    // The stricter build lists its addresses. Deno's own refusal looks on 2.4 like any broken connection.
    if (!granted("net", address)) {
      throw new PermanentError(
        "PERMISSION_MISSING",
        `The program may not dial '${address}', so what is meant for this broker waits; grant it at the build with --net`,
      );
    }
    if (this.#tls === undefined) return this.#tune(net.connect({ host, port }, onConnect));
    const files = readFiles(this.#tls);
    if (files.cert !== undefined && !NODE_TLS_SHOWS_CERTIFICATES) {
      return denoTlsSocket(
        host,
        port,
        { ...files, caCerts: files.ca === undefined ? [] : [files.ca] },
        onConnect,
      );
    }
    const options: tls.ConnectionOptions = {
      host,
      port,
      ...files,
      rejectUnauthorized: !this.#tls.insecureSkipVerify,
      minVersion: this.#tls.minVersion,
      maxVersion: this.#tls.maxVersion,
      // A name for certificates must not be an address.
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
    };
    return this.#tune(tls.connect(options, onConnect));
  }

  #tune<S extends net.Socket>(socket: S): S {
    socket.setKeepAlive(true, this.#keepAliveMs);
    // Small batches must not wait for the acknowledgement of the one before.
    socket.setNoDelay(true);
    return socket;
  }
}

/** `host:port`, with brackets around version 6 addresses. */
export function joinAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads a PEM file; a PermanentError says which one cannot be used and why. */
export function readPem(path: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!granted("read", path)) {
      throw new PermanentError(
        "PERMISSION_MISSING",
        `The program may not read '${path}', so no connection is made; put it below '/etc/denotail', or grant it at ` +
          "the build with --read",
      );
    }
    throw new PermanentError("KAFKA_TLS_FILE", `The file '${path}' cannot be read`, { cause: error });
  }
  if (!/-----BEGIN [A-Z0-9 ]+-----/.test(text)) {
    throw new PermanentError("KAFKA_TLS_FILE", `The file '${path}' holds no PEM block`);
  }
  return text;
}

function readFiles(settings: KafkaTls): { ca?: string; cert?: string; key?: string } {
  const read = (path: string | undefined) => (path === undefined ? undefined : readPem(path));
  return { ca: read(settings.caFile), cert: read(settings.certFile), key: read(settings.keyFile) };
}

/** Before Deno 2.9 (seen in 2.4.2) node:tls does not present a client's certificate. */
const NODE_TLS_SHOWS_CERTIFICATES = (() => {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 9);
})();

/** A TLS connection of Deno's own as the little of a socket that kafkajs uses. */
function denoTlsSocket(
  hostname: string,
  port: number,
  files: { caCerts: string[]; cert?: string; key?: string },
  onConnect: () => void,
): Duplex {
  let connection: Deno.TlsConn | null = null;
  const close = () => {
    try {
      connection?.close();
    } catch {
      // It was closed by the other side.
    }
    connection = null;
  };
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      writeAll(connection!, chunk).then(() => done(), done);
    },
    final(done) {
      close();
      done();
    },
    destroy(error, done) {
      close();
      done(error);
    },
  });
  const { cert, key, caCerts } = files;
  Deno.connectTls({ hostname, port, caCerts, cert: cert!, key: key! }).then(async (opened) => {
    if (socket.destroyed) return opened.close();
    connection = opened;
    await opened.handshake();
    onConnect();
    for (;;) {
      const chunk = Buffer.allocUnsafe(16 * 1024);
      const count = await opened.read(chunk);
      if (count === null) return socket.push(null);
      socket.push(chunk.subarray(0, count));
    }
  }).catch((error) => socket.destroy(error));
  return Object.assign(socket, { ref: () => socket, unref: () => socket });
}

async function writeAll(connection: Deno.TlsConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
