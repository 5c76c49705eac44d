import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import net.consensys.cava.toml.TomlParseResult;
import net.consensys.cava.toml.Toml;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.wso2.config.mapper.ConfigParser;

/**
 * Takes each deployment.toml of a folder through a kernel's own configuration mapper and TOML parser, one after the
 * other in one JVM, and writes a line of JSON for each: `refusal`, or `settings` and what `rendered` files say of ports.
 *   java -cp LIBRARIES Judge.java RESOURCES CASES OUTPUT VERDICTS KEY…
 */
public final class Judge {

    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    public static void main(String[] words) throws Exception {
        Path output = Path.of(words[2]);
        List<String> keys = Arrays.asList(words).subList(4, words.length);
        File[] cases = new File(words[1]).listFiles();
        Arrays.sort(cases);
        try (PrintStream verdicts = new PrintStream(words[3], StandardCharsets.UTF_8)) {
            for (File file : cases) {
                verdicts.println(GSON.toJson(judge(file, words[0], output, keys)));
            }
        }
    }

    private static Map<String, Object> judge(File file, String resources, Path output, List<String> keys)
            throws ReflectiveOperationException {
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("name", file.getName());
        try {
            emptyWhatIsEmpty();
            ConfigParser.parse(file.getPath(), resources, output.toString());
        } catch (Throwable refusal) {
            // A server ends with whatever comes out of there, be it a StackOverflowError.
            verdict.put("refusal", firstLine(refusal) + firstError(file.toPath()));
            return verdict;
        }
        try {
            verdict.put("settings", settings(output.resolve("judge.txt"), keys));
        } catch (Exception broken) {
            verdict.put("broken", firstLine(broken));
            return verdict;
        }
        Path conf = output.resolve("repository/conf");
        if (!Files.exists(conf.resolve("carbon.xml"))) {
            return verdict;
        }
        try {
            verdict.put("rendered", rendered(conf));
        } catch (Exception broken) {
            verdict.put("broken", firstLine(broken));
        }
        return verdict;
    }

    /**
     * The parser has one empty table and one empty list for every `{}` and `[]`, and fills them where a file adds to one:
     * a server reads one file, and must not find there what another has left.
     */
    private static void emptyWhatIsEmpty() throws ReflectiveOperationException {
        Object table = emptyOne("net.consensys.cava.toml.MutableTomlTable");
        ((Map<?, ?>) field(table, "properties").get(table)).clear();
        field(table, "implicitlyDefined").set(table, true);
        Object list = emptyOne("net.consensys.cava.toml.MutableTomlArray");
        ((List<?>) field(list, "elements").get(list)).clear();
        field(list, "type").set(list, null);
    }

    private static Object emptyOne(String type) throws ReflectiveOperationException {
        Field found = Class.forName(type).getDeclaredField("EMPTY");
        found.setAccessible(true);
        return found.get(null);
    }

    private static Field field(Object owner, String name) throws ReflectiveOperationException {
        Field found = owner.getClass().getDeclaredField(name);
        found.setAccessible(true);
        return found;
    }

    /** What a template of our own makes of the keys: each between two signs that no text holds. */
    private static Map<String, String> settings(Path file, List<String> keys) throws IOException {
        String[] texts = Files.readString(file).split("\u0001", -1);
        Map<String, String> settings = new LinkedHashMap<>();
        for (int at = 0; at < keys.size(); at++) {
            settings.put(keys.get(at), texts[at]);
        }
        return settings;
    }

    /** What the server makes its ports of, null for a number that is none. */
    private static Map<String, Object> rendered(Path conf) throws Exception {
        Map<String, Object> told = new LinkedHashMap<>();
        Document carbon = parse(conf.resolve("carbon.xml"));
        for (String name : List.of("Offset", "RMIRegistryPort", "RMIServerPort")) {
            told.put(name, integer(elements(carbon, name).get(0).getTextContent()));
        }
        Document jmx = parse(conf.resolve("etc/jmx.xml"));
        told.put("StartRMIServer", Boolean.valueOf(elements(jmx, "StartRMIServer").get(0).getTextContent()));
        List<Integer> connectors = new ArrayList<>();
        for (Element connector : elements(parse(conf.resolve("tomcat/catalina-server.xml")), "Connector")) {
            connectors.add(integer(connector.getAttribute("port")));
        }
        told.put("connectors", connectors);
        Document axis2 = parse(conf.resolve("axis2/axis2.xml"));
        told.put("clustering", Boolean.valueOf(elements(axis2, "clustering").get(0).getAttribute("enable")));
        for (Element parameter : elements(axis2, "parameter")) {
            if (parameter.getAttribute("name").equals("localMemberPort")) {
                told.put("localMemberPort", integer(parameter.getTextContent()));
            }
        }
        return told;
    }

    /** As CarbonUtils.getPortFromServerConfig and Tomcat's IntrospectionUtils read one. */
    private static Integer integer(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException none) {
            return null;
        }
    }

    private static List<Element> elements(Document document, String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int at = 0; at < found.getLength(); at++) {
            elements.add((Element) found.item(at));
        }
        return elements;
    }

    private static Document parse(Path file) throws Exception {
        DocumentBuilder builder = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
        builder.setErrorHandler(null);
        return builder.parse(file.toFile());
    }

    /** What the TOML parser has to say; the mapper only logs it. */
    private static String firstError(Path file) throws ReflectiveOperationException {
        try {
            emptyWhatIsEmpty();
            TomlParseResult result = Toml.parse(file);
            return result.hasErrors() ? ": " + firstLine(result.errors().get(0)) : "";
        } catch (Exception | StackOverflowError error) {
            return "";
        }
    }

    private static String firstLine(Throwable error) {
        return error.toString().lines().findFirst().orElse("");
    }
}
