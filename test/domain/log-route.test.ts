import { expect, test } from '@jest/globals';
import { type LogRoute, routeOf } from '../../src/domain/log-route.js';

const LINE = { logger: 'org.wso2.carbon.core.internal.StartupFinalizerServiceComponent', level: 'INFO' } as const;
const VARIABLES = {
  property: (name: string) => ({ 'carbon.home': '/home/is' })[name],
  variable: (name: string) => ({ WHERE: '/var/log' })[name],
};

const CONSOLE = `
appender.CONSOLE.type = Console
appender.CONSOLE.name = CONSOLE
appender.CONSOLE.layout.type = PatternLayout
appender.CONSOLE.layout.pattern = [%d] %5p {%c} - %mm%ex%n
appender.CONSOLE.filter.threshold.type = ThresholdFilter
appender.CONSOLE.filter.threshold.level = DEBUG
`;
const FILE = `
appender.FILE.type = RollingFile
appender.FILE.name = FILE
appender.FILE.fileName = \${sys:carbon.home}/repository/logs/wso2carbon.log
appender.FILE.filter.threshold.type = ThresholdFilter
appender.FILE.filter.threshold.level = DEBUG
`;
const ROOT = `
rootLogger.level = INFO
rootLogger.appenderRef.CONSOLE.ref = CONSOLE
rootLogger.appenderRef.FILE.ref = FILE
`;
const LISTS = `
appenders = CONSOLE, \\
  FILE
loggers = tomcat2
logger.tomcat2.name = tomcat
logger.tomcat2.level = FATAL
`;
const SHIPPED = LISTS + CONSOLE + FILE + ROOT;

const onConsole: LogRoute = { kind: 'console' };
const inFile: LogRoute = { kind: 'file', path: '/home/is/repository/logs/wso2carbon.log' };
const nowhere: LogRoute = { kind: 'nowhere' };

const ROWS: readonly [what: string, text: string, route: LogRoute][] = [
  ['as shipped', SHIPPED, onConsole],
  [
    'a root that lets nothing below a warning through',
    SHIPPED.replace('rootLogger.level = INFO', 'rootLogger.level = WARN'),
    nowhere,
  ],
  ['a level in small letters', SHIPPED.replace('rootLogger.level = INFO', 'rootLogger.level = warn'), nowhere],
  ['a root without a level', SHIPPED.replace('rootLogger.level = INFO', ''), nowhere],
  ['a root without the console', SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, ''), inFile],
  [
    'a root without the console, and a level that stops the line',
    SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, '').replace('rootLogger.level = INFO', 'rootLogger.level = WARN'),
    { kind: 'nowhere', file: '/home/is/repository/logs/wso2carbon.log' },
  ],
  ['a root without any appender', SHIPPED.replace(/.*appenderRef.*\n/g, ''), nowhere],
  [
    'a console for warnings only',
    SHIPPED.replace('CONSOLE.filter.threshold.level = DEBUG', 'CONSOLE.filter.threshold.level = WARN'),
    inFile,
  ],
  ['a reference for errors only', `${SHIPPED}rootLogger.appenderRef.CONSOLE.level = ERROR\n`, inFile],
  ['a console whose pattern has no message', SHIPPED.replace('%mm%ex%n', '%ex%n'), inFile],
  ['an appender that is not listed', SHIPPED.replace('appenders = CONSOLE, \\\n  FILE', 'appenders = FILE'), inFile],
  ['no lists: all that is there counts', CONSOLE + FILE + ROOT, onConsole],
  [
    'a logger for the line that is not listed',
    `${SHIPPED}logger.wso2.name = org.wso2\nlogger.wso2.level = ERROR\n`,
    onConsole,
  ],
  [
    'a logger for the line',
    `${CONSOLE + FILE + ROOT}logger.wso2.name = org.wso2\nlogger.wso2.level = ERROR\n`,
    nowhere,
  ],
  [
    'a logger whose name only begins alike',
    `${CONSOLE + FILE + ROOT}logger.x.name = org.wso2.carb\nlogger.x.level = ERROR\n`,
    onConsole,
  ],
  [
    'the nearest of several loggers',
    `${CONSOLE + FILE + ROOT}logger.a.name = org.wso2\nlogger.a.level = ERROR\nlogger.b.name = org.wso2.carbon\nlogger.b.level = INFO\n`,
    onConsole,
  ],
  [
    'a root for errors, whose appenders take what a logger lets through',
    `${CONSOLE + FILE + ROOT.replace('INFO', 'ERROR')}logger.b.name = org.wso2.carbon\nlogger.b.level = INFO\n`,
    onConsole,
  ],
  [
    'a logger that keeps its lines for itself',
    `${CONSOLE + FILE + ROOT}logger.a.name = org.wso2\nlogger.a.additivity = false\nlogger.a.appenderRef.F.ref = FILE\n`,
    inFile,
  ],
  [
    'the short forms',
    `${CONSOLE + FILE}rootLogger = INFO, CONSOLE\nlogger.org.wso2 = WARN\nlogger.x = WARN, FILE\nlogger.x.name = org.wso2.carbon\n`,
    nowhere,
  ],
  [
    'a console behind an asynchronous appender',
    `${CONSOLE}appender.A.type = Async\nappender.A.name = A\nappender.A.appenderRef.C.ref = CONSOLE\nrootLogger = INFO, A\n`,
    onConsole,
  ],
  [
    'a filter of the whole configuration',
    `${SHIPPED}filter.t.type = ThresholdFilter\nfilter.t.level = WARN\n`,
    nowhere,
  ],
  [
    'a filter that takes its level away',
    `${SHIPPED}appender.CONSOLE.filter.r.type = LevelRangeFilter\nappender.CONSOLE.filter.r.minLevel = FATAL\nappender.CONSOLE.filter.r.maxLevel = WARN\n`,
    inFile,
  ],
  ['a filter that looks at more than the level', `${SHIPPED}appender.CONSOLE.filter.r.type = RegexFilter\n`, inFile],
  [
    'such a filter, and no file',
    `${CONSOLE}rootLogger = INFO, CONSOLE\nappender.CONSOLE.filter.r.type = RegexFilter\n`,
    onConsole,
  ],
  [
    'a file that is written late',
    `${SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, '')}appender.FILE.immediateFlush = false\n`,
    { kind: 'nowhere', file: '/home/is/repository/logs/wso2carbon.log' },
  ],
  [
    'a file whose name has a date',
    SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, '').replace('wso2carbon.log', 'wso2carbon-${date:yyyy-MM-dd}.log'),
    nowhere,
  ],
  [
    'a level by a property of the file',
    `property.least = WARN\n${SHIPPED.replace('rootLogger.level = INFO', 'rootLogger.level = ${least}')}`,
    nowhere,
  ],
  [
    'a level by a variable with a default',
    SHIPPED.replace('rootLogger.level = INFO', 'rootLogger.level = ${env:LOG_LEVEL:-WARN}'),
    nowhere,
  ],
  [
    'a file below a variable',
    SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, '').replace('${sys:carbon.home}', '${env:WHERE}'),
    { kind: 'file', path: '/var/log/repository/logs/wso2carbon.log' },
  ],
  [
    'a file whose place is not known',
    SHIPPED.replace(/.*appenderRef.CONSOLE.*\n/, '').replace('${sys:carbon.home}', '${sys:unknown}'),
    nowhere,
  ],
];

test.each(ROWS)('%s', (_, text, route) => {
  expect(routeOf(LINE, text, VARIABLES)).toEqual(route);
});
