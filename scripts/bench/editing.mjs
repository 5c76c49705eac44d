import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, makeHome, over, timed } from './setting.mjs';

/** What it takes to read, write and take back the offset of a deployment.toml with 300 lines. */
export async function editing({ runs }) {
  const { home, env, close } = makeHome('#!/bin/sh\n');
  writeFileSync(join(home, 'conf/deployment.toml'), configuration());
  const questions = { get: ['get'], set: ['set', '7'], unset: ['unset'] };
  const times = Object.fromEntries(Object.keys(questions).map((name) => [name, []]));
  const bare = [];
  try {
    for (let run = 0; run < runs; run++) {
      bare.push(await timed(process.execPath, ['-e', '0']));
      for (const [name, words] of Object.entries(questions))
        times[name].push(await timed(process.execPath, [CLI, 'offset', ...words, 'mi', '--home', home], { env }));
    }
  } finally {
    close();
  }
  return Object.entries(times).map(([name, values]) => over(`offset ${name}`, values, bare));
}

/** Tables, arrays of tables, arrays, comments and text of several lines, as a product's own file has them. */
function configuration() {
  const block = (n) => `
[database.db_${n}]
type = "h2"
url = "jdbc:h2:./repository/database/DB_${n};AUTO_SERVER=TRUE"
username = "user_${n}"
password = "secret_${n}"
pool_options = { maxActive = ${n}, testOnBorrow = true }

[[apim.gateway.environment]]
name = "environment ${n}"
#hidden_ports = [ ${n}, 1 ]
service_urls = ["https://localhost:\${mgt.transport.https.port}/services/", "https://localhost:9443"]
description = """
of several
lines"""
`;
  return `[server]\nhostname = "localhost"\n#offset=0\n${Array.from({ length: 20 }, (_, n) => block(n)).join('')}`;
}
