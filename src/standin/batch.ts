// The script's faults are the products' own: it splits its arguments at `=` too and takes what it finds for
// sub-commands, deletes all files from where it is when there is no tmp to change into, says with code 0 that a
// variable is missing, loops while the JVM asks for a restart, and passes the JVM's code on.
const LINES = (title: string, jvm: string): string => `@echo off
rem A stand-in for the start script of ${title}.
setlocal EnableExtensions
if not exist "%JAVA_HOME%\\bin\\java.exe" goto noJavaHome
if "%CARBON_HOME%"=="" set CARBON_HOME=%~dp0..
goto checkCommand

:noJavaHome
echo "You must set the JAVA_HOME variable before running."
goto end

:checkCommand
set WORDS=RUN %*
:nextWord
if ""%1""=="""" goto startServer
if ""%1""==""stop"" goto stopServer
if ""%1""==""--stop"" goto stopServer
if ""%1""==""-stop"" goto stopServer
if ""%1""==""version"" goto version
if ""%1""==""--version"" goto version
if ""%1""==""debug"" goto debug
if ""%1""==""--debug"" goto debug
shift
goto nextWord

:stopServer
echo "Stopping the server"
goto end

:version
type "%CARBON_HOME%\\bin\\version.txt"
goto end

:debug
if "%2"=="" goto noDebugPort
echo "Please start the remote debugging client to continue... (%2)"
goto startServer

:noDebugPort
echo "Please specify the debug port after the --debug option"
goto end

:startServer
echo JAVA_HOME environment variable is set to %JAVA_HOME%
echo CARBON_HOME environment variable is set to %CARBON_HOME%
rem Whatever is missing, no files but its own are deleted.
cd /d "%CARBON_HOME%"
if not exist bin\\version.txt exit /b 1
set TMP_DIR=%CARBON_HOME%\\tmp
cd "%TMP_DIR%"
del *.* /s /q > nul
cd "%CARBON_HOME%"

:runServer
"%JAVA_HOME%\\bin\\java.exe" "${jvm}" %JAVA_OPTS% -Dcarbon.home="%CARBON_HOME%" -Djava.command="%JAVA_HOME%\\bin\\java" org.wso2.carbon.bootstrap.Bootstrap %WORDS%
if "%ERRORLEVEL%"=="121" goto runServer

:end
goto endLocal

:endLocal
exit /b %ERRORLEVEL%
`;

// The outer script of a Carbon 5 runtime: a tool by whatever java is on PATH first, then the inner script, whose path
// it leaves without quotes.
const RUNTIME_LINES = (folder: string): string => `@echo off
if not exist "%JAVA_HOME%\\bin\\java.exe" goto noJavaHome
set CARBON_HOME=%~sdp0..
java -cp "%CARBON_HOME%\\bin\\tools\\*" install-jars "%CARBON_HOME%"
%CARBON_HOME%\\${folder.replaceAll('/', '\\')}\\bin\\carbon.bat %*

:noJavaHome
echo "You must set the JAVA_HOME variable before running CARBON."
`;

const CARBON_LINES = (title: string, jvm: string): string => `@echo off
rem A stand-in for the start script of ${title}.
if "%CARBON_HOME%"=="" set CARBON_HOME=%~sdp0..\\..\\..
setlocal
if "%RUNTIME_HOME%"=="" set RUNTIME_HOME=%~sdp0..
cd /d %RUNTIME_HOME%

:nextWord
if ""%1""=="""" goto startServer
if ""%1""==""version"" goto version
if ""%1""==""--version"" goto version
shift
goto nextWord

:version
type "%CARBON_HOME%\\bin\\version.txt"
goto end

:startServer
echo JAVA_HOME environment variable is set to %JAVA_HOME%
echo CARBON_HOME environment variable is set to %CARBON_HOME%
echo RUNTIME_HOME environment variable is set to %RUNTIME_HOME%

:runJava
"%JAVA_HOME%\\bin\\java.exe" "${jvm}" %JAVA_OPTS% -Dcarbon.home="%CARBON_HOME%" -Dwso2.runtime.path="%RUNTIME_HOME%" org.wso2.carbon.launcher.Main RUN %*
if "%ERRORLEVEL%"=="121" goto runJava

:end
`;

const asBatch = (lines: string): string => lines.replaceAll('\n', '\r\n');

/** A start script for Windows; its JVM is the stand-in's program, which Node runs by the name of java. */
export const batchScript = (title: string, jvm: string): string => asBatch(LINES(title, jvm));

/**
 * The two scripts of a Carbon 5 runtime: the one that users start, and the one in the runtime's folder that it starts.
 */
export const runtimeBatchScript = (folder: string): string => asBatch(RUNTIME_LINES(folder));
export const carbonBatchScript = (title: string, jvm: string): string => asBatch(CARBON_LINES(title, jvm));
