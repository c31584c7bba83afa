package dev.batchwright.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of Java of a page. It becomes a class that extends the prelude: its types are members,
 * its statements the method that runs. One that begins with {@value #NOT_RUN} and the reason, which
 * readers see, is compiled only.
 *
 * @param line of the page, where it begins
 */
record DocumentedCode(int line, String code) {
    private static final String NOT_RUN = "// Compiled, not run: ";
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)\n```\n", Pattern.DOTALL);
    private static final Pattern TYPE_BEGINS =
            Pattern.compile("^(@|((sealed|final|abstract) )*(record|enum|class|interface) )");

    private static final String IMPORTS =
            """
            import dev.batchwright.*;
            import dev.batchwright.answer.*;
            import dev.batchwright.job.Mode;
            import dev.batchwright.job.RawJson;
            import dev.batchwright.schema.*;

            import java.net.URI;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            import java.util.stream.*;
            """;

    static List<DocumentedCode> in(String page) {
        var blocks = new ArrayList<DocumentedCode>();
        for (Matcher block = BLOCK.matcher(page); block.find(); ) {
            int line = (int) page.substring(0, block.start(1)).lines().count() + 1;
            blocks.add(new DocumentedCode(line, block.group(1)));
        }
        return blocks;
    }

    boolean isRun() {
        return !code.startsWith(NOT_RUN);
    }

    String className() {
        return "Line" + line;
    }

    String source() {
        var types = new StringBuilder();
        var statements = new StringBuilder();
        boolean inType = false;
        int depth = 0;
        for (String each : code.split("\n", -1)) {
            inType |= depth == 0 && TYPE_BEGINS.matcher(each).find();
            (inType ? types : statements).append(each).append('\n');
            for (int i = 0; i < each.length(); i++) {
                depth += each.charAt(i) == '{' ? 1 : each.charAt(i) == '}' ? -1 : 0;
            }
            inType &= depth > 0 || !each.endsWith("}");
        }
        return """
        %s
        final class %s extends Prelude {
        %s
        @Override void run() throws Exception {
        %s
        }
        }
        """
                .formatted(IMPORTS, className(), types, statements);
    }
}
