import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Speaks the protocol of bench/protocol.py for {@link LuceneEngine}: one JSON object a line on standard input, one
 * on standard output. CPU time a query is that of the thread that answers it, which leaves the compiler and the
 * garbage collector of the virtual machine out; the bench reads the whole process's clock besides.
 */
public final class LuceneBench {
  private static final Gson GSON = new Gson();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** A task of bench/tasks.py. */
  record Task(String name, String title, String kind, String mode, boolean by_outlet, boolean by_date) {}

  /** A query of bench/queries.py. */
  record Query(String words, String phrase, String term, String outlet, String date_from, String date_to) {}

  /** The answer to a run. */
  static final class Times {
    final List<Double> cpu_us = new ArrayList<>();
    final List<Double> wall_us = new ArrayList<>();
    List<Long> matches;
    Integer hits;
    Integer marked;
  }

  private final LuceneEngine engine = new LuceneEngine(Boolean.getBoolean("bench.offsets"));

  public static void main(String[] arguments) throws IOException {
    PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    LuceneBench bench = new LuceneBench();
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = requests.readLine()) != null) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      if (request.get("command").getAsString().equals("quit")) {
        answers.println("{}");
        return;
      }
      answers.println(bench.answer(request));
    }
  }

  private String answer(JsonObject request) {
    try {
      return switch (request.get("command").getAsString()) {
        case "build" -> build(request);
        case "add" -> add(request);
        case "open" -> open(request);
        case "run" -> run(request);
        default -> throw new IllegalArgumentException("unknown command " + request.get("command"));
      };
    } catch (Exception error) {
      error.printStackTrace();
      JsonObject answer = new JsonObject();
      answer.addProperty("error", error.toString());
      return answer.toString();
    }
  }

  private String build(JsonObject request) throws IOException {
    Path index = Path.of(request.get("index").getAsString());
    delete(index);
    JsonObject answer = new JsonObject();
    answer.addProperty("articles", engine.build(Path.of(request.get("corpus").getAsString()), index));
    try (Stream<Path> files = Files.list(index)) {
      answer.addProperty("index_bytes", files.mapToLong(file -> file.toFile().length()).sum());
    }
    return answer.toString();
  }

  private String add(JsonObject request) throws IOException {
    long started = System.nanoTime();
    engine.build(Path.of(request.get("corpus").getAsString()), Path.of(request.get("index").getAsString()));
    JsonObject answer = new JsonObject();
    answer.addProperty("seconds", (System.nanoTime() - started) / 1e9);
    return answer.toString();
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  private String open(JsonObject request) throws IOException {
    long started = System.nanoTime();
    engine.open(Path.of(request.get("index").getAsString()));
    JsonObject answer = new JsonObject();
    answer.addProperty("seconds", (System.nanoTime() - started) / 1e9);
    answer.addProperty("version", engine.version());
    return answer.toString();
  }

  private String run(JsonObject request) throws Exception {
    Task task = GSON.fromJson(request.get("task"), Task.class);
    boolean digest = request.get("digest").getAsBoolean();
    List<String> lines = Files.readAllLines(Path.of(request.get("queries").getAsString()));
    Times times = new Times();
    if (digest) {
      times.matches = new ArrayList<>();
      times.hits = 0;
      times.marked = 0;
    }
    for (String line : lines.subList(0, Math.min(lines.size(), request.get("count").getAsInt()))) {
      Query query = GSON.fromJson(line, Query.class);
      long wall = System.nanoTime();
      long cpu = THREADS.getCurrentThreadCpuTime();
      Object answer = work(task, query);
      times.cpu_us.add((THREADS.getCurrentThreadCpuTime() - cpu) / 1e3);
      times.wall_us.add((System.nanoTime() - wall) / 1e3);
      if (digest) {
        count(times, answer);
      }
    }
    return GSON.toJson(times);
  }

  private Object work(Task task, Query query) throws Exception {
    if (task.kind().equals("page")) {
      return engine.page(
          query.words(),
          task.mode(),
          task.by_outlet() ? query.outlet() : null,
          task.by_date() ? query.date_from() : null,
          task.by_date() ? query.date_to() : null);
    }
    return engine.top(
        switch (task.mode()) {
          case "phrase" -> query.phrase();
          case "term" -> query.term();
          default -> query.words();
        },
        task.mode());
  }

  private static void count(Times times, Object answer) {
    if (answer instanceof LuceneEngine.Page page) {
      times.matches.add(page.total());
      times.hits += page.hits().size();
      times.marked += (int) page.hits().stream().filter(hit -> hit.snippet().contains("<b")).count();
    } else {
      times.hits += ((long[]) answer).length;
    }
  }
}
