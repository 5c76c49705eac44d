import { factsOf, PRODUCT_IDS, type ProductId } from '../domain/catalogue.js';
import { profileNames } from '../domain/product.js';
import { COMMANDS, type Command, type Completes } from './commands.js';
import type { OptionFact } from './options.js';

// Scripts that complete by themselves: a Node that is started for a TAB costs more than a person waits for. What changes
// while they are loaded are the instances, whose records are a line of JSON each (src/instance/records.ts).

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type Shell = (typeof SHELLS)[number];

/** The script that completes our command line in a shell, where the state folder is not named by its variable. */
export function completionScript(shell: Shell, stateFolder: string): string {
  switch (shell) {
    case 'bash':
      return `${posixWords(stateFolder)}${BASH}`;
    case 'zsh':
      return `#compdef wso2-launch\n${posixWords(stateFolder)}${ZSH}`;
    case 'fish':
      return fishScript(posixWords(stateFolder));
    case 'powershell':
      return powershellScript(stateFolder);
  }
}

/** What completes the command line, as data for any shell. */
interface CompletionTable {
  readonly commands: readonly TableRow[];
  readonly products: readonly string[];
  /** The profiles of those that have several, by the words for them. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
  /** What each option that takes a value takes: words, or `@directories`; nothing where only its user can know. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

interface TableRow {
  readonly words: readonly string[];
  readonly options: readonly string[];
  readonly args: readonly string[];
}

function completionTable(): CompletionTable {
  const helpFor: readonly [string, Pick<Command, 'args' | 'options'> & { readonly aliases?: readonly string[] }] = [
    'help',
    { args: [{ name: 'command', describe: '', completes: 'command' }], options: {} },
  ];
  const commands = [...Object.entries<(typeof helpFor)[1]>(COMMANDS), helpFor];
  return {
    commands: commands.map(([word, { aliases = [], options, args }]) => ({
      words: [word, ...aliases],
      options: [...Object.entries(options).flatMap(optionWords), '--help', '-h'],
      args: args.map(({ completes = 'nothing', isRepeated }) => (isRepeated ? `${completes}+` : completes)),
    })),
    products: PRODUCT_IDS.flatMap((id) => [id, ...factsOf(id).aliases]),
    profiles: Object.fromEntries(PRODUCT_IDS.flatMap(profileEntries)),
    values: Object.fromEntries(commands.flatMap(([, { options }]) => Object.entries(options).flatMap(valueEntries))),
  };
}

function profileEntries(id: ProductId): [string, readonly string[]][] {
  const names = profileNames(factsOf(id));
  return names.length === 0 ? [] : [id, ...factsOf(id).aliases].map((word) => [word, names]);
}

/** The profiles of whatever product a home may be of. */
const anyProfile = ({ profiles }: CompletionTable): string[] => [...new Set(Object.values(profiles).flat())];

const optionWords = ([name, { alias }]: [string, OptionFact]): string[] => [
  `--${name}`,
  ...(alias ? [`-${alias}`] : []),
];

function valueEntries([name, fact]: [string, OptionFact]): [string, readonly string[]][] {
  // A value that stands behind `=` alone leaves the next word alone.
  if (fact.value === undefined || fact.mayLackValue) return [];
  const taken = fact.choices ?? (fact.value === 'DIR' ? ['@directories'] : fact.value === 'FILE' ? ['@files'] : []);
  return optionWords([name, fact]).map((word) => [word, taken]);
}

/** The words that an argument takes, of those that the table itself can tell. */
function wordsOf(completes: Completes, { commands, products }: CompletionTable): readonly string[] | undefined {
  switch (completes) {
    case 'product':
      return products;
    case 'command':
      return commands.flatMap(({ words }) => words);
    case 'shell':
      return SHELLS;
    case 'offset-action':
      return ['get', 'set', 'unset'];
    case 'file':
      return ['@files'];
    case 'homes-action':
      return ['rm'];
    default:
      return undefined;
  }
}

const STATIC: readonly Completes[] = ['product', 'command', 'shell', 'offset-action', 'file', 'homes-action'];

/**
 * A POSIX function that prints the words which the last of its arguments may become, a line each; or `@files` or
 * `@directories`, which the shell itself completes. It starts no program, and its variables are its own.
 */
function posixWords(stateFolder: string): string {
  const table = completionTable();
  const valued = Object.entries(table.values);
  return `# Completes wso2-launch: made by wso2-launch completion, to be made again with each version.
_wso2_launch_words() (
  state=\${WSO2_LAUNCH_STATE_DIR:-${singleQuoted(stateFolder)}}
  command= option= first= product= given=0 flags= args=
  while [ $# -gt 1 ]; do
    case $1 in
      --) printf '@files\\n'; exit ;;
      ${valued.map(([name]) => name).join('|')})
        if [ $# -gt 2 ]; then shift; else option=$1; fi ;;
      -*) ;;
      *)
        case $1 in ${table.products.join('|')}) product=$1 ;; esac
        if [ -z "$command" ]; then command=$1; else given=$((given + 1)); first=\${first:-$1}; fi ;;
    esac
    shift
  done
  print() {
    for word do
      # Bash runs what stands in a word: nothing else than plain names gets there.
      case $word in *[!A-Za-z0-9._@-]*) ;; *) printf '%s\\n' "$word" ;; esac
    done
  }
  case $option in
    --profile) case $product in
${profileRows(table)}
      '') print ${anyProfile(table).join(' ')} ;;
    esac; exit ;;
${valued.flatMap(([name, words]) => (words.length > 0 ? [`    ${name}) print ${words.join(' ')}; exit ;;`] : [])).join('\n')}
    ?*) exit ;;
  esac
  case $command in
    '') case $1 in -*) print --help --version ;; *) print ${wordsOf('command', table)?.join(' ')} ;; esac; exit ;;
${table.commands.map(posixRow).join('\n')}
  esac
  case $1 in -*) print $flags; exit ;; esac
  set -- $args
  while [ $given -gt 0 ]; do
    case \${1:-} in *+) ;; '') exit ;; *) shift ;; esac
    given=$((given - 1))
  done
  instances() {
    for file in "$state"/instances/*.json; do
      [ -r "$file" ] && IFS= read -r record < "$file" || continue
      case $1$record in running*'"status":"exited"'*) continue ;; esac
      file=\${file##*/}
      print "\${file%.json}"
    done
  }
  record() {
    case $first in '' | *[!A-Za-z0-9._-]*) exit ;; esac
    [ -r "$state/instances/$first.json" ] && IFS= read -r record < "$state/instances/$first.json" || exit
  }
  case \${1:-} in
${STATIC.map((completes) => `    ${completes}*) print ${wordsOf(completes, table)?.join(' ')} ;;`).join('\n')}
    instance*) instances running ;;
    ended-too*) instances all ;;
    port-source) print ${table.products.join(' ')}; instances running ;;
    port)
      record
      rest=\${record#*'"ports":['}; rest=\${rest%%]*}
      while :; do
        case $rest in *'"name":"'*) ;; *) exit ;; esac
        rest=\${rest#*'"name":"'}
        print "\${rest%%\\"*}"
      done ;;
    endpoint)
      record
      rest=\${record#*'"urls":{'}; rest=\${rest%%\\}*}
      while :; do
        case $rest in *'":"'*) ;; *) exit ;; esac
        rest=\${rest#*\\"}
        print "\${rest%%\\"*}"
        rest=\${rest#*\\":\\"}; rest=\${rest#*\\"}
      done ;;
  esac
)
`;
}

const profileRows = ({ profiles }: CompletionTable): string =>
  Object.entries(profiles)
    .map(([word, names]) => `      ${word}) print ${names.join(' ')} ;;`)
    .join('\n');

const posixRow = ({ words, options, args }: TableRow): string =>
  `    ${words.join('|')}) flags='${options.join(' ')}' args='${args.join(' ')}' ;;`;

const BASH = `_wso2_launch() {
  local word=\${COMP_WORDS[COMP_CWORD]} words
  words=$(_wso2_launch_words "\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  case $words in
    @files) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
    @directories) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -d -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _wso2_launch wso2-launch
`;

const ZSH = `_wso2_launch() {
  local found
  local -a typed
  typed=("\${(@)words[2,CURRENT]}")
  found=$(emulate sh; _wso2_launch_words "\${typed[@]}")
  case $found in
    @files) _files ;;
    @directories) _files -/ ;;
    *) compadd -- \${(f)found} ;;
  esac
}
if [ "\${funcstack[1]:-}" = _wso2-launch ]; then _wso2_launch "$@"; else compdef _wso2_launch wso2-launch; fi
`;

/** Fish is no POSIX shell, but asks one. */
const fishScript = (words: string): string => `function __wso2_launch_words
  set -l given (commandline -opc)
  set -l found (sh -c ${fishQuoted(`${words}_wso2_launch_words "$@"`)} sh $given[2..-1] (commandline -ct))
  switch "$found"
    case @files
      __fish_complete_path (commandline -ct)
    case @directories
      __fish_complete_directories (commandline -ct) ''
    case '*'
      string join \\n -- $found
  end
end
complete -c wso2-launch -f -a '(__wso2_launch_words)'
`;

const singleQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function powershellScript(stateFolder: string): string {
  const table = completionTable();
  const words = Object.fromEntries(STATIC.map((completes) => [completes, wordsOf(completes, table)]));
  const data = JSON.stringify({ ...table, words, anyProfile: anyProfile(table) }).replaceAll("'", "''");
  return `# Completes wso2-launch: made by wso2-launch completion, to be made again with each version.
Register-ArgumentCompleter -Native -CommandName wso2-launch -ScriptBlock {
  param($word, $ast, $cursor)
  $table = '${data}' | ConvertFrom-Json
  $state = if ($env:WSO2_LAUNCH_STATE_DIR) { $env:WSO2_LAUNCH_STATE_DIR } else { '${stateFolder.replaceAll("'", "''")}' }
  $records = {
    Get-ChildItem -Path (Join-Path $state 'instances') -Filter *.json -ErrorAction SilentlyContinue |
      ForEach-Object { Get-Content -Raw $_.FullName -ErrorAction SilentlyContinue | ConvertFrom-Json }
  }
  $given = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })
  if ($given -contains '--') { return }
  $plain = @()
  $option = $null
  foreach ($one in $given) {
    if ($option) { $option = $null }
    elseif ($one.StartsWith('-')) { if ($table.values.PSObject.Properties.Name -ccontains $one) { $option = $one } }
    else { $plain += $one }
  }
  $row = if ($plain) { $table.commands | Where-Object { $_.words -ccontains $plain[0] } | Select-Object -First 1 }
  $found = @()
  $product = $plain | Where-Object { $table.products -ccontains $_ } | Select-Object -Last 1
  if ($option -ceq '--profile') {
    $found = if ($product) { $table.profiles.PSObject.Properties | Where-Object Name -ceq $product | ForEach-Object { $_.Value } } else { $table.anyProfile }
  }
  elseif ($option) { $found = @($table.values.PSObject.Properties | Where-Object Name -ceq $option | ForEach-Object { $_.Value }) }
  elseif (-not $plain) { $found = if ($word.StartsWith('-')) { '--help', '--version' } else { $table.commands.words } }
  elseif (-not $row) { return }
  elseif ($word.StartsWith('-')) { $found = $row.options }
  else {
    $index = $plain.Count - 1
    $kinds = @($row.args)
    if ($kinds -and $kinds[-1].EndsWith('+')) { $index = [Math]::Min($index, $kinds.Count - 1) }
    if ($index -ge $kinds.Count) { return }
    $kind = $kinds[$index].TrimEnd('+')
    $found = switch ($kind) {
      'instance' { (& $records | Where-Object status -ne 'exited').name }
      'ended-too' { (& $records).name }
      'port-source' { $table.products; (& $records | Where-Object status -ne 'exited').name }
      'port' { (& $records | Where-Object name -eq $plain[1]).ports.name }
      'endpoint' { (& $records | Where-Object name -eq $plain[1]).urls.PSObject.Properties.Name }
      default { $table.words.$kind }
    }
  }
  $found | Where-Object { $_ -and -not $_.StartsWith('@') -and $_.StartsWith($word) } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}
