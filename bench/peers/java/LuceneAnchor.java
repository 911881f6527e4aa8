import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * The anchor of bench/relevance: ArabicAnalyzer and BM25 over one field that joins title and text, any word of a query
 * being enough. Writes {"_id": query, "hits": [document, …]} for each query, best first.
 *
 * <p>Arguments: a folder for the index, the run file, the number of hits, the queries, and the files of documents.
 */
public final class LuceneAnchor {
  private static final String FIELD = "text";
  private static final BM25Similarity BM25 = new BM25Similarity(1.2f, 0.75f);
  private static final Gson GSON = new Gson();

  /** A line of the run file. */
  record Answer(String _id, List<String> hits) {}

  private LuceneAnchor() {}

  public static void main(String[] arguments) throws IOException {
    IndexSearcher.setMaxClauseCount(Integer.MAX_VALUE);
    try (Analyzer analyzer = new ArabicAnalyzer();
        Directory directory = FSDirectory.open(Path.of(arguments[0]))) {
      List<Path> corpora = new ArrayList<>();
      for (int i = 4; i < arguments.length; i++) {
        corpora.add(Path.of(arguments[i]));
      }
      build(directory, analyzer, corpora);
      answer(directory, analyzer, Path.of(arguments[3]), Integer.parseInt(arguments[2]), Path.of(arguments[1]));
    }
  }

  /** Adds the documents in their order and keeps that order in merging, so that equal scores rank the same each time. */
  private static void build(Directory directory, Analyzer analyzer, List<Path> corpora) throws IOException {
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer).setSimilarity(BM25).setMergePolicy(new LogDocMergePolicy());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (Path corpus : corpora) {
        try (BufferedReader lines = open(corpus)) {
          String line;
          while ((line = lines.readLine()) != null) {
            if (!line.isBlank()) {
              writer.addDocument(document(JsonParser.parseString(line).getAsJsonObject()));
            }
          }
        }
      }
      writer.forceMerge(1);
    }
  }

  private static BufferedReader open(Path path) throws IOException {
    InputStream bytes = Files.newInputStream(path);
    InputStream plain = path.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
    return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8));
  }

  private static Document document(JsonObject record) {
    Document document = new Document();
    document.add(new StoredField("id", text(record, "_id")));
    document.add(new TextField(FIELD, text(record, "title") + "\n" + text(record, "text"), Field.Store.NO));
    return document;
  }

  private static String text(JsonObject record, String name) {
    JsonElement value = record.get(name);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  private static void answer(Directory directory, Analyzer analyzer, Path queries, int depth, Path run)
      throws IOException {
    QueryBuilder builder = new QueryBuilder(analyzer);
    try (DirectoryReader reader = DirectoryReader.open(directory);
        BufferedReader lines = open(queries);
        BufferedWriter out = Files.newBufferedWriter(run)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setSimilarity(BM25);
      String line;
      while ((line = lines.readLine()) != null) {
        if (!line.isBlank()) {
          JsonObject record = JsonParser.parseString(line).getAsJsonObject();
          Query query = builder.createBooleanQuery(FIELD, text(record, "text"));
          out.write(GSON.toJson(new Answer(text(record, "_id"), hits(searcher, query, depth))));
          out.newLine();
        }
      }
    }
  }

  /** The ids of the best hits; none for a query of stop words alone. */
  private static List<String> hits(IndexSearcher searcher, Query query, int depth) throws IOException {
    List<String> found = new ArrayList<>();
    if (query != null) {
      for (ScoreDoc one : searcher.search(query, depth).scoreDocs) {
        found.add(searcher.storedFields().document(one.doc).get("id"));
      }
    }
    return found;
  }
}
