import type { ConnectionEncrypter, SecuredConnection } from '@libp2p/interface';

/**
 * An encrypter whose connections encrypt what is sent in one call as one piece. Yamux sends a frame as a list of its header of 12
 * bytes and its body, of which TLS would make a record, a system call and a wake-up of the peer each.
 */
export function joinWrites<Components>(
  create: (components: Components) => ConnectionEncrypter,
): (components: Components) => ConnectionEncrypter {
  return (components) => {
    const encrypter = create(components);
    const { secureInbound, secureOutbound } = encrypter;
    encrypter.secureInbound = async (...given) => joined(await secureInbound.apply(encrypter, given));
    encrypter.secureOutbound = async (...given) => joined(await secureOutbound.apply(encrypter, given));
    return encrypter;
  };
}

function joined(secured: SecuredConnection): SecuredConnection {
  const { connection } = secured;
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return secured;
}
