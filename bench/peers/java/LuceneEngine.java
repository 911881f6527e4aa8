import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.text.BreakIterator;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.facet.FacetResult;
import org.apache.lucene.facet.Facets;
import org.apache.lucene.facet.FacetsCollectorManager;
import org.apache.lucene.facet.FacetsConfig;
import org.apache.lucene.facet.LabelAndValue;
import org.apache.lucene.facet.sortedset.DefaultSortedSetDocValuesReaderState;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetCounts;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetField;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesReaderState;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.queryparser.classic.MultiFieldQueryParser;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Version;

/**
 * Lucene as a peer: ArabicAnalyzer, title and text with positions, facets over doc values, the unified highlighter.
 *
 * <p>With offsets in the postings the highlighter need not analyse a text again; the index is then larger.
 */
final class LuceneEngine {
  private static final int HITS = 10;
  private static final int MOST_OUTLETS = 50;
  private static final int MOST_MONTHS = 200;
  private static final int PASSAGES = 2;
  private static final double WRITER_MEGABYTES = 256;
  private static final Map<String, Float> WEIGHTS = Map.of("title", 2f, "text", 1f);
  private static final Gson GSON = new Gson();

  /** A line of the corpus. */
  record Article(String id, String title, String text, String source, String date) {}

  /** One hit as a page shows it. */
  record Hit(long number, String title, String outlet, String date, String snippet) {}

  /** The answer to a page. */
  record Page(long total, List<Hit> hits, Map<String, Long> outlets, Map<String, Long> months) {}

  private final Analyzer analyzer = new ArabicAnalyzer();
  private final FacetsConfig facetsConfig = new FacetsConfig();
  private final boolean offsets;
  private final FieldType textType = new FieldType(TextField.TYPE_STORED);
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private SortedSetDocValuesReaderState facetState;
  private UnifiedHighlighter.Builder highlighter;

  LuceneEngine(boolean offsets) {
    this.offsets = offsets;
    if (offsets) {
      textType.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS_AND_OFFSETS);
    }
    textType.freeze();
  }

  String version() {
    return "Lucene " + Version.LATEST + (offsets ? " with offsets" : "") + ", Java "
        + System.getProperty("java.version") + ", " + reader.leaves().size() + " segments";
  }

  /** Adds a corpus file with one thread and returns the number of articles. Closing waits for merges. */
  long build(Path corpus, Path index) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(analyzer).setRAMBufferSizeMB(WRITER_MEGABYTES);
    long number = 0;
    try (Directory directory = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(directory, config);
        BufferedReader lines = Files.newBufferedReader(corpus)) {
      String line;
      while ((line = lines.readLine()) != null) {
        writer.addDocument(document(GSON.fromJson(line, Article.class), number++));
      }
      writer.commit();
    }
    return number;
  }

  private Document document(Article article, long number) throws IOException {
    long day = LocalDate.parse(article.date()).toEpochDay();
    Document document = new Document();
    document.add(new StoredField("number", number));
    document.add(new NumericDocValuesField("number", number));
    document.add(new TextField("title", article.title(), Field.Store.YES));
    document.add(new Field("text", article.text(), textType));
    document.add(new StringField("outlet", article.source(), Field.Store.YES));
    document.add(new StoredField("date", article.date()));
    document.add(new LongPoint("day", day));
    document.add(new NumericDocValuesField("day", day));
    document.add(new SortedSetDocValuesFacetField("outlet", article.source()));
    document.add(new SortedSetDocValuesFacetField("month", article.date().substring(0, 7)));
    return facetsConfig.build(document);
  }

  void open(Path index) throws IOException {
    reader = DirectoryReader.open(FSDirectory.open(index));
    searcher = new IndexSearcher(reader);
    facetState = new DefaultSortedSetDocValuesReaderState(reader, facetsConfig);
    highlighter =
        UnifiedHighlighter.builder(searcher, analyzer)
            .withMaxLength(Integer.MAX_VALUE - 1)
            .withBreakIterator(() -> BreakIterator.getSentenceInstance(Locale.ROOT));
  }

  private Query parse(String words, String mode) throws ParseException {
    MultiFieldQueryParser parser = new MultiFieldQueryParser(new String[] {"title", "text"}, analyzer, WEIGHTS);
    parser.setDefaultOperator(mode.equals("and") ? QueryParser.Operator.AND : QueryParser.Operator.OR);
    return parser.parse(mode.equals("phrase") ? '"' + words + '"' : words);
  }

  /** The numbers of the ten best hits, out of doc values: stored fields would unpack the texts too. */
  long[] top(String words, String mode) throws Exception {
    ScoreDoc[] found = searcher.search(parse(words, mode), HITS).scoreDocs;
    long[] numbers = new long[found.length];
    List<LeafReaderContext> leaves = reader.leaves();
    for (int i = 0; i < found.length; i++) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(found[i].doc, leaves));
      NumericDocValues values = DocValues.getNumeric(leaf.reader(), "number");
      values.advanceExact(found[i].doc - leaf.docBase);
      numbers[i] = values.longValue();
    }
    return numbers;
  }

  /** A page; null for a filter that does not hold. Both dates are inclusive. */
  Page page(String words, String mode, String outlet, String from, String to) throws Exception {
    Query textQuery = parse(words, mode);
    BooleanQuery.Builder filtered = new BooleanQuery.Builder().add(textQuery, BooleanClause.Occur.MUST);
    if (outlet != null) {
      filtered.add(new TermQuery(new Term("outlet", outlet)), BooleanClause.Occur.FILTER);
    }
    if (from != null) {
      long first = LocalDate.parse(from).toEpochDay();
      long last = LocalDate.parse(to).toEpochDay();
      filtered.add(LongPoint.newRangeQuery("day", first, last), BooleanClause.Occur.FILTER);
    }
    Query query = outlet == null && from == null ? textQuery : filtered.build();
    FacetsCollectorManager.FacetsResult found =
        FacetsCollectorManager.search(searcher, query, HITS, new FacetsCollectorManager());
    Facets facets = new SortedSetDocValuesFacetCounts(facetState, found.facetsCollector());
    Map<String, Long> outlets = counts(facets.getTopChildren(MOST_OUTLETS, "outlet"));
    Map<String, Long> months = counts(facets.getTopChildren(MOST_MONTHS, "month"));
    long total = outlets.values().stream().mapToLong(Long::longValue).sum();
    return new Page(total, hits(textQuery, found.topDocs()), outlets, months);
  }

  private List<Hit> hits(Query query, TopDocs found) throws IOException {
    // A highlighter sees one query's terms only in the field that it marks, as a reader would expect of the text.
    String[] snippets = highlighter.build().highlight("text", query, found, PASSAGES);
    StoredFields stored = searcher.storedFields();
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < found.scoreDocs.length; i++) {
      Document document = stored.document(found.scoreDocs[i].doc, Set.of("number", "title", "outlet", "date"));
      long number = document.getField("number").numericValue().longValue();
      String snippet = snippets[i] == null ? "" : snippets[i];
      hits.add(new Hit(number, document.get("title"), document.get("outlet"), document.get("date"), snippet));
    }
    return hits;
  }

  private static Map<String, Long> counts(FacetResult facet) {
    Map<String, Long> counts = new LinkedHashMap<>();
    if (facet != null) {
      for (LabelAndValue one : facet.labelValues) {
        counts.put(one.label, one.value.longValue());
      }
    }
    return counts;
  }
}
