// Its faults are the products' own: it splits its arguments at `=` too and takes what it finds for sub-commands,
// deletes all files from where it is when there is no tmp to change into, says with code 0 that a variable is missing,
// loops while the JVM asks for a restart, and passes the JVM's code on.
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

/** A start script for Windows; its JVM is the stand-in's program, which Node runs by the name of java. */
export const batchScript = (title: string, jvm: string): string => LINES(title, jvm).replaceAll('\n', '\r\n');
